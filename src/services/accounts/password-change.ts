import type { Mails } from '../notifications/mails.ts';
import type { Clock } from '../platform/clock.ts';
import { Unauthenticated } from '../platform/errors.ts';
import type { Viewer } from '../platform/viewer.ts';
import { requireSession } from './capabilities.ts';
import { confirmPassword, type ConfirmPasswordPorts } from './confirm-password.ts';
import { InvalidCredentials } from './errors.ts';
import { replacePassword } from './password-replacement.ts';

export interface PasswordChangePorts extends ConfirmPasswordPorts {
  readonly clock: Clock;
  readonly mails: Mails;
}

export interface ChangePassword {
  readonly currentPassword: string;
  readonly newPassword: string;
}

export type PasswordChange = ReturnType<typeof createPasswordChange>;

export function createPasswordChange(ports: PasswordChangePorts) {
  const { db, passwords } = ports;

  return {
    /**
     * Gives the viewer another password. Their other sessions end; this one goes on with its
     * refresh token, while all access tokens are void, its own too. Answers with how many sessions
     * ended. Throws {@link InvalidCredentials} for a wrong current one, Unauthenticated or
     * Forbidden without a session, WeakPassword, TooBusy or RateLimited.
     */
    async change(
      viewer: Viewer,
      { currentPassword, newPassword }: ChangePassword,
    ): Promise<{ endedSessions: number }> {
      const self = requireSession(viewer);
      if (self.sessionId === null) throw new Unauthenticated();
      // A viewer of its own: the request's snapshot would stay open while the password is hashed.
      const { username, email } = await db.snapshot({ ...self }, (tx) =>
        tx.user.findUniqueOrThrow({ where: { id: self.userId } }),
      );
      await passwords.assertAcceptable(newPassword, [username, email]);
      const { tokenVersion } = await confirmPassword(ports, self, currentPassword);
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
