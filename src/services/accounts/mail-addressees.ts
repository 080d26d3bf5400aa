import type { PersonalTemplate } from '../notifications/mail-data.ts';
import type { AddresseeChecks, PrepareMail } from '../notifications/mail-preparation.ts';
import type { Database } from '../platform/database.ts';
import { systemViewer } from '../platform/viewer.ts';
import { loginKey } from './names.ts';

/**
 * Keeps mails about an account from an address that is not its person's: whoever signs up with
 * somebody else's would have them written to, or told of decisions that are not about them. Asked
 * as a mail is sent, so that it holds of addresses that changed hands while it waited.
 */
export function createMailAddressees({
  workerDb,
}: {
  readonly workerDb: Database;
}): AddresseeChecks {
  const check =
    (mustBeConfirmed: boolean): PrepareMail<object> =>
    async ({ ownerId, recipient }) => {
      // Somebody who signed up with an address that was another's has their own id for a key. Whom
      // an administrator or an operator made or approved never had to confirm: the audit log tells.
      const [person] = await workerDb.withViewer(
        systemViewer(),
        (tx) => tx.$queryRaw<object[]>`
          SELECT 1 FROM users u WHERE u.id = ${ownerId}::uuid
            AND u.email_key = ${loginKey(recipient)}
            AND (NOT ${mustBeConfirmed}::boolean OR u.email_verified_at IS NOT NULL OR EXISTS (
              SELECT FROM audit_records a WHERE a.target_id = u.id::text AND a.target_type = 'User'
                AND a.action IN ('user.created', 'user.approved', 'user.activated')))`,
      );
      return person ? {} : undefined;
    };

  // What people bring about themselves, as often as they like, asks for more.
  const anyOfTheirs = check(false);
  const confirmed = check(true);
  return {
    'sign-up-waiting': anyOfTheirs,
    'account-approved': anyOfTheirs,
    'account-rejected': anyOfTheirs,
    'account-disabled': anyOfTheirs,
    'account-enabled': anyOfTheirs,
    'password-changed': anyOfTheirs,
    'second-factor-changed': confirmed,
    'api-key-created': confirmed,
    'webhook-disabled': confirmed,
  } satisfies Record<PersonalTemplate, unknown>;
}
