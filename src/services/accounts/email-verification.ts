import type { Audit } from '../audit/audit.ts';
import type { Mails } from '../notifications/mails.ts';
import type { Clock } from '../platform/clock.ts';
import type { Database } from '../platform/database.ts';
import { appendEvents } from '../platform/outbox.ts';
import type { UserStatus } from '../platform/prisma/enums.ts';
import { anonymousViewer, userViewer, type Viewer } from '../platform/viewer.ts';
import { confirmEmail, findAccountToken, hashAccountToken } from './account-tokens.ts';
import type { EntryLimits } from './entry-limits.ts';
import { InvalidLink } from './errors.ts';
import { userChanged } from './events.ts';
import { parseEmail } from './names.ts';
import type { SignUpPolicy } from './sign-up.ts';

export interface EmailVerificationPorts {
  readonly db: Database;
  readonly clock: Clock;
  readonly audit: Audit;
  readonly mails: Mails;
  readonly entryLimits: Pick<EntryLimits, 'beforeMailedLink' | 'beforeLinkToken'>;
  readonly policy: Pick<SignUpPolicy, 'signUpPolicy'>;
}

/** Where a person stands who confirmed their address. */
export interface VerifiedPerson {
  readonly username: string;
  readonly status: UserStatus;
}

export type EmailVerification = ReturnType<typeof createEmailVerification>;

export function createEmailVerification(ports: EmailVerificationPorts) {
  const { db, clock, audit, mails, entryLimits, policy } = ports;
  const isAllowList = policy.signUpPolicy === 'allow-list';

  return {
    /**
     * Takes the token of the link that was mailed after a sign-up: the address is theirs from now
     * on. Where the policy is `allow-list`, an approved address of an unsuspicious sign-up lets its
     * person in. Throws {@link InvalidLink} for any other text, and RateLimited.
     */
    async verify(viewer: Viewer, { token }: { readonly token: string }): Promise<VerifiedPerson> {
      await entryLimits.beforeLinkToken(viewer);
      const tokenHash = hashAccountToken(token);
      const now = clock.now();
      const asked = { tokenHash, purpose: 'EMAIL_VERIFICATION', now } as const;
      const found = await db.snapshot(anonymousViewer(), (tx) => findAccountToken(tx, asked));
      if (!found) throw new InvalidLink();
      const { requestId, address, userAgent } = viewer;
      const { userId } = found;
      const self = userViewer(found, { requestId, address, userAgent });
      return db.withViewer(self, async (tx) => {
        const person = await confirmEmail(tx, { tokenHash, isAllowList, now });
        if (!person) throw new InvalidLink();
        const { hasEntered, email, username, status } = person;
        const target = { targetType: 'User', targetId: userId } as const;
        await audit.record(tx, self, { action: 'user.email-verified', ...target });
        const mail = { recipient: email, ownerId: userId, data: { username } };
        if (hasEntered) {
          const [before, after] = [{ status: 'PENDING' }, { status }];
          await audit.record(tx, self, { action: 'user.let-in', ...target, before, after });
          await appendEvents(tx, [userChanged({ ...person, id: userId }, now)]);
          await mails.queue(tx, { template: 'account-approved', ...mail });
        } else if (status === 'PENDING') {
          await mails.queue(tx, { template: 'sign-up-waiting', ...mail });
        }
        return { username, status };
      });
    },

    /**
     * Mails the link again, if somebody signed up with the address and has not confirmed it; the
     * answer is the same if not. Throws InvalidInput for what is no address, and RateLimited.
     */
    async resend(viewer: Viewer, input: { readonly email: string }): Promise<void> {
      const { emailKey: recipient } = parseEmail(input.email);
      await entryLimits.beforeMailedLink(viewer, 'verification', recipient);
      await db.withViewer(viewer, (tx) =>
        mails.queue(tx, { template: 'verify-email', recipient, ownerId: null, data: {} }),
      );
    },
  };
}
