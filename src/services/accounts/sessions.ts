import type { Audit } from '../audit/audit.ts';
import type { Clock } from '../platform/clock.ts';
import type { Database } from '../platform/database.ts';
import { Unauthenticated } from '../platform/errors.ts';
import type { Ids } from '../platform/ids.ts';
import {
  anonymousViewer,
  requireUser,
  userViewer,
  type AuthenticatedViewer,
  type Viewer,
} from '../platform/viewer.ts';
import { findCredentials, type Credentials } from './log-in-credentials.ts';
import { endAllSessions, endSession } from './end-session.ts';
import type { EntryLimits } from './entry-limits.ts';
import { InvalidCredentials } from './errors.ts';
import { loginKey } from './names.ts';
import { openSession } from './open-session.ts';
import type { Passwords } from './passwords.ts';
import { newRefreshToken, type RandomBytes } from './refresh-token.ts';
import { refreshSession, type TokenLifetimes } from './refresh.ts';
import { issueAccessToken, storeRefreshToken, type SessionTokens } from './session-tokens.ts';
import { findSession, isOpen } from './session-rows.ts';
import type { Tokens } from './tokens.ts';

export interface SessionsPorts {
  readonly db: Database;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly audit: Audit;
  readonly passwords: Passwords;
  readonly tokens: Tokens;
  readonly entryLimits: EntryLimits;
  readonly randomBytes: RandomBytes;
  readonly lifetimes: TokenLifetimes;
}

/** Of the request that brings a token. */
export type Circumstances = Partial<Pick<Viewer, 'requestId' | 'address' | 'userAgent'>>;

export type Sessions = ReturnType<typeof createSessions>;

export function createSessions(ports: SessionsPorts) {
  const { db, clock, audit, passwords, tokens, entryLimits, lifetimes } = ports;

  const refuse = async (viewer: Viewer, person: Credentials | undefined): Promise<never> => {
    await db.withViewer(viewer, (tx) =>
      audit.record(tx, viewer, {
        action: 'user.log-in-refused',
        targetType: 'User',
        // What was typed is not kept: people type passwords into the wrong field.
        targetId: person?.id ?? null,
      }),
    );
    throw new InvalidCredentials();
  };

  return {
    /**
     * Opens a session for an active person, by user name or e-mail in any case. Everyone else gets
     * {@link InvalidCredentials} after the same work. Throws TooBusy when too many log in at once, and
     * RateLimited when one address tries too often.
     */
    async logIn(
      viewer: Viewer,
      { login, password }: { readonly login: string; readonly password: string },
    ): Promise<SessionTokens> {
      const key = loginKey(login);
      await entryLimits.beforeLogIn(viewer, key);
      // A viewer of its own: the request's snapshot would stay open while the password is hashed.
      const person = await db.snapshot(anonymousViewer(), (tx) =>
        findCredentials(tx, { usernameKey: key, emailKey: key }),
      );
      const isRight = await passwords.verify(person?.passwordHash, password);
      if (!person || !isRight || person.status !== 'ACTIVE') {
        await entryLimits.afterWrongLogIn(key);
        return refuse(viewer, person);
      }
      await entryLimits.afterLogIn(viewer);
      const { requestId, address, userAgent } = viewer;
      const { id: userId, role, tokenVersion } = person;
      const self = userViewer({ userId, role }, { requestId, address, userAgent });
      const { accessTokenSeconds, refreshTokenSeconds: lifetimeSeconds } = lifetimes;
      return db.withViewer(self, async (tx) => {
        const opened = { tx, viewer: self, userId, tokenVersion, lifetimeSeconds };
        const session = await openSession(ports, opened);
        const refreshToken = newRefreshToken(ports.randomBytes);
        await storeRefreshToken(ports, tx, { session, refreshToken });
        const issued = await issueAccessToken(ports, session, accessTokenSeconds);
        return { ...issued, refreshToken, refreshExpiresAt: session.expiresAt };
      });
    },

    /** See {@link refreshSession}. */
    refresh: (viewer: Viewer, { refreshToken }: { readonly refreshToken: string }) =>
      refreshSession(ports, viewer, refreshToken),

    /**
     * Ends the session of the viewer's token, or all that they have, and their open streams. What has
     * ended stays as it is.
     */
    async logOut(viewer: Viewer, { everywhere = false } = {}): Promise<void> {
      const self = requireUser(viewer);
      const { sessionId } = self;
      if (sessionId === null) throw new Unauthenticated();
      await db.withViewer(viewer, async (tx) => {
        if (everywhere) await endAllSessions(ports, { tx, viewer: self });
        else await endSession(ports, { tx, viewer: self, sessionId, reason: 'LOGGED_OUT' });
      });
    },

    /**
     * The viewer behind an access token, with the role of this moment, and until when it is good.
     * Throws Unauthenticated unless the token is ours and unexpired, its session is open, and its
     * person is active and has had no change that voids older tokens.
     */
    async authenticate(
      accessToken: string,
      circumstances: Circumstances = {},
    ): Promise<{ viewer: AuthenticatedViewer; expiresAt: Date }> {
      const claims = await tokens.verify(accessToken);
      const { sessionId, expiresAt } = claims;
      const session = await db.snapshot(anonymousViewer(), (tx) => findSession(tx, sessionId));
      if (!session || !isOpen(session, claims, clock.now())) {
        throw new Unauthenticated('The session has ended. Log in again.');
      }
      const { secondFactorAt } = session;
      const viewer = userViewer(session, { ...circumstances, sessionId, secondFactorAt });
      return { viewer, expiresAt };
    },
  };
}
