import type { Clock } from '../platform/clock.ts';
import type { TokenClaims } from './tokens.ts';

const VERIFIED_MAX = 10_000;

/**
 * Tokens whose signature was checked, so that it is checked once and not with every request. Never past
 * their expiry; nothing here says that a session is still open. They are kept by their text: whoever
 * reads the memory of this process finds the key there that signs them all.
 */
export function createVerifiedTokens(clock: Clock) {
  const claimsByToken = new Map<string, TokenClaims>();
  return {
    get(token: string): TokenClaims | undefined {
      const claims = claimsByToken.get(token);
      if (!claims || claims.expiresAt.getTime() > clock.now().getTime()) return claims;
      claimsByToken.delete(token);
      return undefined;
    },
    put(token: string, claims: TokenClaims): void {
      // A Map keeps the order of insertion: the first key is the oldest.
      const [oldest] = claimsByToken.keys();
      if (claimsByToken.size >= VERIFIED_MAX && oldest !== undefined) claimsByToken.delete(oldest);
      claimsByToken.set(token, claims);
    },
  };
}
