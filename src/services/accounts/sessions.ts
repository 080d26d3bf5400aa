import type { Audit } from '../audit/audit.ts';
import type { Clock } from '../platform/clock.ts';
import type { Database, Tx } from '../platform/database.ts';
import { Unauthenticated } from '../platform/errors.ts';
import type { Ids } from '../platform/ids.ts';
import { appendEvents } from '../platform/outbox.ts';
import type { UserRole, UserStatus } from '../platform/prisma/enums.ts';
import {
  anonymousViewer,
  requireUser,
  userViewer,
  type AuthenticatedViewer,
  type Viewer,
} from '../platform/viewer.ts';
import { findCredentials, type Credentials } from './credentials.ts';
import type { EntryLimits } from './entry-limits.ts';
import { InvalidCredentials } from './errors.ts';
import { sessionEnded } from './events.ts';
import { loginKey } from './names.ts';
import { openSession, type IssuedToken } from './open-session.ts';
import type { Passwords } from './passwords.ts';
import type { TokenClaims, Tokens } from './tokens.ts';

export interface SessionsPorts {
  readonly db: Database;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly audit: Audit;
  readonly passwords: Passwords;
  readonly tokens: Tokens;
  readonly entryLimits: EntryLimits;
  readonly accessTokenLifetimeSeconds: number;
}

/** Of the request that brings a token. */
export type Circumstances = Partial<Pick<Viewer, 'requestId' | 'address' | 'userAgent'>>;

interface SessionRow {
  readonly userId: string;
  readonly role: UserRole;
  readonly status: UserStatus;
  readonly tokenVersion: number;
  readonly expiresAt: Date;
  readonly revokedAt: Date | null;
}

export type Sessions = ReturnType<typeof createSessions>;

export function createSessions(ports: SessionsPorts) {
  const { db, clock, audit, passwords, tokens, entryLimits } = ports;

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
    ): Promise<IssuedToken> {
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
      const lifetimeSeconds = ports.accessTokenLifetimeSeconds;
      return db.withViewer(self, (tx) =>
        openSession(ports, { tx, viewer: self, userId, tokenVersion, lifetimeSeconds }),
      );
    },

    /** Ends the session of the viewer's token, and its open streams. Once ended, it does nothing. */
    async logOut(viewer: Viewer): Promise<void> {
      const { userId: ownerId, sessionId } = requireUser(viewer);
      if (sessionId === null) throw new Unauthenticated();
      await db.withViewer(viewer, async (tx) => {
        const now = clock.now();
        const { count } = await tx.session.updateMany({
          where: { id: sessionId, ownerId, revokedAt: null },
          data: { revokedAt: now },
        });
        if (count === 0) return;
        await audit.record(tx, viewer, {
          action: 'user.logged-out',
          targetType: 'Session',
          targetId: sessionId,
        });
        await appendEvents(tx, [sessionEnded({ id: sessionId, ownerId }, now)]);
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
      const viewer = userViewer(session, { ...circumstances, sessionId });
      return { viewer, expiresAt };
    },
  };
}

function isOpen(session: SessionRow, claims: TokenClaims, now: Date): boolean {
  return (
    session.userId === claims.userId &&
    session.tokenVersion === claims.tokenVersion &&
    session.status === 'ACTIVE' &&
    session.revokedAt === null &&
    session.expiresAt > now
  );
}

async function findSession(tx: Tx, sessionId: string): Promise<SessionRow | undefined> {
  const [session] = await tx.$queryRaw<SessionRow[]>`
    SELECT user_id AS "userId", role::text, status::text, token_version AS "tokenVersion",
      expires_at AS "expiresAt", revoked_at AS "revokedAt"
    FROM find_session(${sessionId}::uuid)`;
  return session;
}
