import type { Clock } from '../platform/clock.ts';
import type { Tx } from '../platform/database.ts';
import type { Ids } from '../platform/ids.ts';
import { insertRefreshToken } from './refresh-token-rows.ts';
import { hashRefreshToken } from './refresh-token.ts';
import type { Tokens } from './tokens.ts';

export interface IssuedToken {
  readonly accessToken: string;
  readonly expiresAt: Date;
  readonly userId: string;
}

/** What a client keeps of its session. */
export interface SessionTokens extends IssuedToken {
  readonly refreshToken: string;
  /** Until when it is good, and its session. */
  readonly refreshExpiresAt: Date;
}

/** A session that is open, with the token version of its person. */
export interface OpenSession {
  readonly id: string;
  readonly ownerId: string;
  readonly expiresAt: Date;
  readonly tokenVersion: number;
}

const SECOND_MS = 1_000;

/** `seconds` from now, on a whole second: tokens count no others. */
export function secondsFrom(now: Date, seconds: number): Date {
  return new Date((Math.floor(now.getTime() / SECOND_MS) + seconds) * SECOND_MS);
}

/** An access token of a session. It never outlives it. */
export async function issueAccessToken(
  { clock, tokens }: { readonly clock: Clock; readonly tokens: Tokens },
  { id: sessionId, ownerId: userId, expiresAt: endsAt, tokenVersion }: OpenSession,
  lifetimeSeconds: number,
): Promise<IssuedToken> {
  const wanted = secondsFrom(clock.now(), lifetimeSeconds);
  const expiresAt = wanted < endsAt ? wanted : endsAt;
  const accessToken = await tokens.sign({ userId, sessionId, tokenVersion, expiresAt });
  return { accessToken, expiresAt, userId };
}

/** Keeps the hash of a session's refresh token, as the session's owner. */
export async function storeRefreshToken(
  { clock, ids }: { readonly clock: Clock; readonly ids: Ids },
  tx: Tx,
  { session, refreshToken }: { readonly session: OpenSession; readonly refreshToken: string },
): Promise<void> {
  await insertRefreshToken(tx, {
    id: ids.next(),
    sessionId: session.id,
    ownerId: session.ownerId,
    tokenHash: hashRefreshToken(refreshToken),
    createdAt: clock.now(),
    expiresAt: session.expiresAt,
  });
}
