import type { Audit } from '../audit/audit.ts';
import { LINK_HOURS } from '../notifications/mail-data.ts';
import type { LinkPreparations, MailToPrepare } from '../notifications/mail-preparation.ts';
import type { Clock } from '../platform/clock.ts';
import type { Database, Tx } from '../platform/database.ts';
import type { Ids } from '../platform/ids.ts';
import type { AccountTokenPurpose } from '../platform/prisma/enums.ts';
import { systemViewer } from '../platform/viewer.ts';
import { hashAccountToken, newAccountToken } from './account-tokens.ts';
import { loginKey } from './names.ts';
import type { RandomBytes } from './refresh-token.ts';

const HOUR_MS = 3_600_000;

export interface MailLinksPorts {
  readonly workerDb: Database;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly audit: Audit;
  readonly randomBytes: RandomBytes;
}

interface Addressee {
  readonly id: string;
  readonly username: string;
}

/**
 * Makes the tokens of links as their mails are sent: who asked for a mail has waited for no look-up
 * that depends on whose the address is, and no secret waited in the queue. A newer link voids the
 * older.
 */
export function createMailLinks(ports: MailLinksPorts): LinkPreparations {
  const { workerDb, audit } = ports;
  return {
    'verify-email': (mail) =>
      workerDb.withViewer(systemViewer(), async (tx) => {
        const person = await findUnconfirmed(tx, mail);
        if (!person) return undefined;
        const token = await mint(ports, tx, { mail, person, purpose: 'EMAIL_VERIFICATION' });
        return { username: person.username, token };
      }),

    'password-reset': (mail) =>
      workerDb.withViewer(systemViewer(), async (tx) => {
        const person = await findActive(tx, mail);
        if (!person) return undefined;
        const token = await mint(ports, tx, { mail, person, purpose: 'PASSWORD_RESET' });
        await audit.record(tx, systemViewer(), {
          ...{ action: 'user.password-reset-mailed', targetType: 'User', targetId: person.id },
        });
        return { username: person.username, token };
      }),
  };
}

/**
 * Who signed up with the address last and did not confirm it, while nobody else holds it; of them
 * all, whom the mail is for if it says so. Locked, so that two mails at once leave one link that is
 * good.
 */
async function findUnconfirmed(
  tx: Tx,
  { recipient, ownerId }: MailToPrepare,
): Promise<Addressee | undefined> {
  const emailKey = loginKey(recipient);
  const [person] = await tx.$queryRaw<Addressee[]>`
    SELECT u.id, u.username FROM users u
    WHERE u.email_verified_at IS NULL AND u.status IN ('PENDING', 'ACTIVE')
      AND (u.email_key = ${emailKey}
        OR u.email_key = u.id::text AND lower(u.email) = ${emailKey})
      AND (${ownerId}::uuid IS NULL OR u.id = ${ownerId}::uuid)
      AND NOT EXISTS (
        SELECT FROM users o WHERE o.email_key = ${emailKey} AND o.id <> u.id AND holds_email(o))
    ORDER BY u.created_at DESC, u.id DESC LIMIT 1 FOR NO KEY UPDATE OF u`;
  return person;
}

/** Whose address it is, if they may log in. */
async function findActive(
  tx: Tx,
  { recipient, ownerId }: MailToPrepare,
): Promise<Addressee | undefined> {
  const [person] = await tx.$queryRaw<Addressee[]>`
    SELECT id, username FROM users
    WHERE email_key = ${loginKey(recipient)} AND status = 'ACTIVE'
      AND (${ownerId}::uuid IS NULL OR id = ${ownerId}::uuid)
    FOR NO KEY UPDATE`;
  return person;
}

interface Minting {
  readonly mail: MailToPrepare;
  readonly person: Addressee;
  readonly purpose: AccountTokenPurpose;
}

const LIFETIME_HOURS = {
  EMAIL_VERIFICATION: LINK_HOURS['verify-email'],
  PASSWORD_RESET: LINK_HOURS['password-reset'],
} as const satisfies Record<AccountTokenPurpose, number>;

/** A token of which the hash is kept, in place of the earlier ones for the same. */
async function mint(
  { clock, ids, randomBytes }: MailLinksPorts,
  tx: Tx,
  { mail, person: { id: ownerId }, purpose }: Minting,
): Promise<string> {
  const token = newAccountToken(randomBytes);
  const createdAt = clock.now();
  await tx.accountToken.deleteMany({ where: { ownerId, purpose } });
  await tx.accountToken.create({
    data: {
      ...{ id: ids.next(), ownerId, purpose, createdAt },
      tokenHash: new Uint8Array(hashAccountToken(token)),
      emailKey: loginKey(mail.recipient),
      expiresAt: new Date(createdAt.getTime() + LIFETIME_HOURS[purpose] * HOUR_MS),
    },
  });
  return token;
}
