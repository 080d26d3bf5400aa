import type { Audit } from '../audit/audit.ts';
import type { Clock } from '../platform/clock.ts';
import type { Database, Tx } from '../platform/database.ts';
import type { Ids } from '../platform/ids.ts';
import {
  anonymousViewer,
  userViewer,
  type AuthenticatedViewer,
  type Viewer,
} from '../platform/viewer.ts';
import { endSession } from './end-session.ts';
import type { EntryLimits } from './entry-limits.ts';
import { InvalidRefreshToken } from './errors.ts';
import {
  findRefreshToken,
  useRefreshToken,
  type StoredRefreshToken,
} from './refresh-token-rows.ts';
import {
  hashRefreshToken,
  newRefreshToken,
  openNext,
  sealNext,
  type RandomBytes,
} from './refresh-token.ts';
import { judgeRefresh } from './refresh-verdict.ts';
import {
  issueAccessToken,
  secondsFrom,
  storeRefreshToken,
  type OpenSession,
  type SessionTokens,
} from './session-tokens.ts';
import type { Tokens } from './tokens.ts';

export interface TokenLifetimes {
  readonly accessTokenSeconds: number;
  /** Of a refresh token, and so of a session from its last use on. */
  readonly refreshTokenSeconds: number;
}

export interface RefreshPorts {
  readonly db: Database;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly audit: Audit;
  readonly randomBytes: RandomBytes;
  readonly tokens: Tokens;
  readonly entryLimits: Pick<EntryLimits, 'beforeRefresh'>;
  readonly lifetimes: TokenLifetimes;
}

/**
 * Gives a session fresh tokens for its refresh token, which is used up. Throws
 * {@link InvalidRefreshToken} for any other text, and when the session or its person is not good
 * any more;
 * a token that was used before ends its session. Throws RateLimited when one address asks too
 * often.
 */
export async function refreshSession(
  ports: RefreshPorts,
  viewer: Viewer,
  refreshToken: string,
): Promise<SessionTokens> {
  const { db, entryLimits } = ports;
  await entryLimits.beforeRefresh(viewer);
  const tokenHash = hashRefreshToken(refreshToken);
  const found = await db.snapshot(anonymousViewer(), (tx) => findRefreshToken(tx, tokenHash));
  if (!found) throw new InvalidRefreshToken();
  const { requestId, address, userAgent } = viewer;
  const { sessionId } = found;
  const self = userViewer(found, { sessionId, requestId, address, userAgent });
  const issued = await db.withViewer(self, async (tx) => {
    // Whoever comes with a token of this session, or ends it, waits here for the other.
    await tx.$queryRaw`SELECT 1 FROM sessions WHERE id = ${sessionId}::uuid FOR UPDATE`;
    const token = await findRefreshToken(tx, tokenHash);
    return token && takeToken(ports, { tx, self, token, text: refreshToken });
  });
  // Thrown after the commit: the end of a session that was told by a used token has to stay.
  if (!issued) throw new InvalidRefreshToken();
  return issued;
}

interface Taken {
  readonly tx: Tx;
  readonly self: AuthenticatedViewer;
  readonly token: StoredRefreshToken;
  readonly text: string;
}

/** Undefined for a token that is not good. */
async function takeToken(ports: RefreshPorts, taken: Taken): Promise<SessionTokens | undefined> {
  const { tx, self, token, text } = taken;
  const { sessionId: id, userId: ownerId, tokenVersion } = token;
  switch (judgeRefresh(token, ports.clock.now())) {
    case 'REFUSED':
      return undefined;
    case 'REUSED':
      await endSession(ports, { tx, viewer: self, sessionId: id, reason: 'TOKEN_REUSED' });
      return undefined;
    case 'REPEAT': {
      const session = { id, ownerId, tokenVersion, expiresAt: token.sessionExpiresAt };
      return answerFor(ports, session, openNext(text, token.sealedNext ?? new Uint8Array()));
    }
    case 'ROTATE': {
      const { session, refreshToken } = await rotate(ports, taken);
      return answerFor(ports, session, refreshToken);
    }
  }
}

/** Puts the next token in place of one that is used for the first time; the session lives on. */
async function rotate(ports: RefreshPorts, { tx, token, text }: Taken) {
  const { clock, randomBytes, lifetimes } = ports;
  const now = clock.now();
  const refreshToken = newRefreshToken(randomBytes);
  const sealedNext = sealNext(text, refreshToken, randomBytes);
  await useRefreshToken(tx, { id: token.id, usedAt: now, sealedNext });
  const expiresAt = secondsFrom(now, lifetimes.refreshTokenSeconds);
  const { sessionId: id, userId: ownerId, tokenVersion } = token;
  await tx.session.updateMany({ where: { id, ownerId }, data: { expiresAt, lastUsedAt: now } });
  const session = { id, ownerId, expiresAt, tokenVersion };
  await storeRefreshToken(ports, tx, { session, refreshToken });
  return { session, refreshToken };
}

async function answerFor(
  ports: RefreshPorts,
  session: OpenSession,
  refreshToken: string,
): Promise<SessionTokens> {
  const { accessTokenSeconds } = ports.lifetimes;
  const issued = await issueAccessToken(ports, session, accessTokenSeconds);
  return { ...issued, refreshToken, refreshExpiresAt: session.expiresAt };
}
