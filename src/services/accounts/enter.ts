import type { Audit } from '../audit/audit.ts';
import type { Clock } from '../platform/clock.ts';
import type { Tx } from '../platform/database.ts';
import type { Ids } from '../platform/ids.ts';
import type { AuthenticatedViewer } from '../platform/viewer.ts';
import { openSession } from './open-session.ts';
import { newRefreshToken, type RandomBytes } from './refresh-token.ts';
import type { TokenLifetimes } from './refresh.ts';
import type { SecondFactorMethod } from './second-factor.ts';
import { issueAccessToken, storeRefreshToken, type SessionTokens } from './session-tokens.ts';
import type { Tokens } from './tokens.ts';

export interface EnterPorts {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly audit: Audit;
  readonly tokens: Tokens;
  readonly randomBytes: RandomBytes;
  readonly lifetimes: TokenLifetimes;
}

interface Entrance {
  readonly tx: Tx;
  /** Who has shown all that is asked of them. */
  readonly self: AuthenticatedViewer;
  readonly tokenVersion: number;
  /** What they showed beside the password, or in place of it. */
  readonly secondFactor?: SecondFactorMethod | undefined;
}

/** Opens a session and gives its tokens. */
export async function enter(ports: EnterPorts, entrance: Entrance): Promise<SessionTokens> {
  const { tx, self, tokenVersion, secondFactor } = entrance;
  const { accessTokenSeconds, refreshTokenSeconds: lifetimeSeconds } = ports.lifetimes;
  const { userId } = self;
  const session = await openSession(ports, {
    ...{ tx, viewer: self, userId, tokenVersion, lifetimeSeconds, secondFactor },
  });
  const refreshToken = newRefreshToken(ports.randomBytes);
  await storeRefreshToken(ports, tx, { session, refreshToken });
  const issued = await issueAccessToken(ports, session, accessTokenSeconds);
  return { ...issued, refreshToken, refreshExpiresAt: session.expiresAt };
}
