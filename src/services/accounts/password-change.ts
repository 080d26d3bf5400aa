import type { Audit } from '../audit/audit.ts';
import type { Mails } from '../notifications/mails.ts';
import type { Clock } from '../platform/clock.ts';
import type { Database } from '../platform/database.ts';
import { Unauthenticated } from '../platform/errors.ts';
import type { AuthenticatedViewer, Viewer } from '../platform/viewer.ts';
import { requireSession } from './capabilities.ts';
import type { EntryLimits } from './entry-limits.ts';
import { InvalidCredentials } from './errors.ts';
import { findCredentials, type Credentials } from './log-in-credentials.ts';
import { replacePassword } from './password-replacement.ts';
import type { Passwords } from './passwords.ts';

export interface PasswordChangePorts {
  readonly db: Database;
  readonly clock: Clock;
  readonly audit: Audit;
  readonly mails: Mails;
  readonly passwords: Passwords;
  readonly entryLimits: Pick<EntryLimits, 'beforeLogIn' | 'afterWrongLogIn' | 'afterLogIn'>;
}

export interface ChangePassword {
  readonly currentPassword: string;
  readonly newPassword: string;
}

export type PasswordChange = ReturnType<typeof createPasswordChange>;

export function createPasswordChange(ports: PasswordChangePorts) {
  const { db, audit, passwords, entryLimits } = ports;

  /** Counted and slowed as a log-in is: whoever found an open session may guess here. */
  const verify = async (self: AuthenticatedViewer, password: string): Promise<Credentials> => {
    const { usernameKey } = await readNames(db, self);
    await entryLimits.beforeLogIn(self, usernameKey);
    const person = await db.snapshot({ ...self }, (tx) => findCredentials(tx, { usernameKey }));
    const isRight = await passwords.verify(person?.passwordHash, password);
    if (person?.status === 'ACTIVE' && isRight) {
      await entryLimits.afterLogIn(self);
      return person;
    }
    await entryLimits.afterWrongLogIn(usernameKey);
    await db.withViewer(self, (tx) =>
      audit.record(tx, self, {
        action: 'user.password-change-refused',
        targetType: 'User',
        targetId: self.userId,
      }),
    );
    throw new InvalidCredentials();
  };

  return {
    /**
     * Gives the viewer another password. Their other sessions end; this one goes on with its refresh token,
     * while all access tokens are void, its own too. Answers with how many sessions ended. Throws
     * {@link InvalidCredentials} for a wrong current one, Unauthenticated or Forbidden without a session,
     * WeakPassword, TooBusy or RateLimited.
     */
    async change(
      viewer: Viewer,
      { currentPassword, newPassword }: ChangePassword,
    ): Promise<{ endedSessions: number }> {
      const self = requireSession(viewer);
      if (self.sessionId === null) throw new Unauthenticated();
      const { username, email } = await readNames(db, self);
      await passwords.assertAcceptable(newPassword, [username, email]);
      const { tokenVersion } = await verify(self, currentPassword);
      const passwordHash = await passwords.hash(newPassword);
      const endedSessions = await db.withViewer(self, (tx) =>
        replacePassword(ports, {
          ...{ tx, self, passwordHash, proof: { tokenVersion }, action: 'user.password-changed' },
        }),
      );
      // Somebody else changed it, or the person, since it was checked.
      if (endedSessions === undefined) throw new InvalidCredentials();
      return { endedSessions };
    },
  };
}

/** A viewer of its own: the request's snapshot would stay open while the password is hashed. */
function readNames(db: Database, { userId: id, ...viewer }: AuthenticatedViewer) {
  return db.snapshot({ ...viewer, userId: id }, (tx) =>
    tx.user.findUniqueOrThrow({ where: { id } }),
  );
}
