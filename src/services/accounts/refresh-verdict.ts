import type { UserStatus } from '../platform/prisma/enums.ts';

/** A refresh token as it is stored, with the state of its session and its person at the moment. */
export interface RefreshTokenState {
  readonly expiresAt: Date;
  /** Null until it is used. */
  readonly usedAt: Date | null;
  /** The token that followed it; null until it is used, and again once that one was used. */
  readonly sealedNext: Uint8Array | null;
  readonly sessionExpiresAt: Date;
  readonly revokedAt: Date | null;
  readonly status: UserStatus;
}

/**
 * What becomes of it.
 * - `ROTATE`: a first use. The token is used up, and another takes its place.
 * - `REPEAT`: used a moment ago, by a client that asked twice: it gets the same answer.
 * - `REUSED`: used before, and so known to two. The session ends.
 * - `REFUSED`: it ran out, or its session or person did.
 */
export type RefreshVerdict = 'ROTATE' | 'REPEAT' | 'REUSED' | 'REFUSED';

/** Two requests of one client, or one that is sent again, come within it. */
const GRACE_MS = 10_000;

/** What becomes of a refresh token that somebody brings (RFC 9700, 4.14.2). */
export function judgeRefresh(token: RefreshTokenState, now: Date): RefreshVerdict {
  const isOpen = token.revokedAt === null && token.sessionExpiresAt > now;
  if (!isOpen || token.expiresAt <= now || token.status !== 'ACTIVE') return 'REFUSED';
  if (token.usedAt === null) return 'ROTATE';
  const isFresh = now.getTime() - token.usedAt.getTime() <= GRACE_MS;
  return isFresh && token.sealedNext !== null ? 'REPEAT' : 'REUSED';
}
