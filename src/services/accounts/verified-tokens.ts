import { hash } from 'node:crypto';
import type { Clock } from '../platform/clock.ts';
import type { TokenClaims } from './tokens.ts';

const VERIFIED_MAX = 10_000;

/**
 * Tokens whose signature was checked, so that it is checked once and not with every request. Kept
 * by hash, and never past their expiry; nothing here says that a session is still open.
 */
export function createVerifiedTokens(clock: Clock) {
  const claimsByHash = new Map<string, TokenClaims>();
  const hashOf = (token: string) => hash('sha256', token, 'base64');
  return {
    get(token: string): TokenClaims | undefined {
      const key = hashOf(token);
      const claims = claimsByHash.get(key);
      if (!claims || claims.expiresAt > clock.now()) return claims;
      claimsByHash.delete(key);
      return undefined;
    },
    put(token: string, claims: TokenClaims): void {
      // A Map keeps the order of insertion: the first key is the oldest.
      const [oldest] = claimsByHash.keys();
      if (claimsByHash.size >= VERIFIED_MAX && oldest !== undefined) claimsByHash.delete(oldest);
      claimsByHash.set(hashOf(token), claims);
    },
  };
}
