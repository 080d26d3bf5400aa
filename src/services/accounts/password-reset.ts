import type { Audit } from '../audit/audit.ts';
import type { Mails } from '../notifications/mails.ts';
import type { Clock } from '../platform/clock.ts';
import type { Database } from '../platform/database.ts';
import { anonymousViewer, userViewer, type Viewer } from '../platform/viewer.ts';
import { findAccountToken, hashAccountToken } from './account-tokens.ts';
import type { EntryLimits } from './entry-limits.ts';
import { InvalidLink } from './errors.ts';
import { parseEmail } from './names.ts';
import { replacePassword } from './password-replacement.ts';
import type { Passwords } from './passwords.ts';

export interface PasswordResetPorts {
  readonly db: Database;
  readonly clock: Clock;
  readonly audit: Audit;
  readonly mails: Mails;
  readonly passwords: Passwords;
  readonly entryLimits: Pick<EntryLimits, 'beforeMailedLink' | 'beforeLinkToken'>;
}

export interface ResetPassword {
  readonly token: string;
  readonly newPassword: string;
}

export type PasswordReset = ReturnType<typeof createPasswordReset>;

/** For those who lost their password. Their second factors stay as they are. */
export function createPasswordReset(ports: PasswordResetPorts) {
  const { db, clock, audit, mails, passwords, entryLimits } = ports;

  return {
    /**
     * Mails a link to an active person of that address. Nobody is looked up here: the answer and
     * its time are the same for every address. Throws InvalidInput for what is no address, and
     * RateLimited.
     */
    async request(viewer: Viewer, input: { readonly email: string }): Promise<void> {
      // The key, not what was typed: nobody else's mailbox has it.
      const { emailKey: recipient } = parseEmail(input.email);
      await entryLimits.beforeMailedLink(viewer, 'reset', recipient);
      await db.withViewer(viewer, async (tx) => {
        await audit.record(tx, viewer, {
          action: 'user.password-reset-requested',
          targetType: 'User',
          targetId: null,
        });
        await mails.queue(tx, { template: 'password-reset', recipient, ownerId: null, data: {} });
      });
    },

    /**
     * Takes the token of such a link, once, and ends all sessions; it opens none. Throws
     * {@link InvalidLink} for any other text and for who is not active any more, WeakPassword,
     * TooBusy or RateLimited.
     */
    async reset(viewer: Viewer, { token, newPassword }: ResetPassword): Promise<void> {
      await entryLimits.beforeLinkToken(viewer);
      const tokenHash = hashAccountToken(token);
      const asked = { tokenHash, purpose: 'PASSWORD_RESET', now: clock.now() } as const;
      const found = await db.snapshot(anonymousViewer(), (tx) => findAccountToken(tx, asked));
      if (!found) throw new InvalidLink();
      await passwords.assertAcceptable(newPassword, [found.username, found.email]);
      const passwordHash = await passwords.hash(newPassword);
      const { requestId, address, userAgent } = viewer;
      const self = userViewer(found, { requestId, address, userAgent });
      await db.withViewer(self, async (tx) => {
        const ended = await replacePassword(ports, {
          ...{ tx, self, passwordHash, proof: { tokenHash }, action: 'user.password-reset' },
        });
        if (ended === undefined) throw new InvalidLink();
      });
    },
  };
}
