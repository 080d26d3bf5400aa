import type { createHouse } from './house.ts';

type House = Awaited<ReturnType<typeof createHouse>>;
type Linked = 'verify-email' | 'password-reset';

interface MailRow {
  readonly id: string;
  readonly ownerId: string | null;
  readonly recipient: string;
  readonly template: string;
  readonly data: Readonly<Record<string, string>>;
  readonly createdAt: Date;
}

/** What was queued for an address, in whatever case, oldest first. */
export const mailsTo = ({ database }: House, recipient: string): Promise<MailRow[]> =>
  database.query<MailRow & { [column: string]: unknown }>(
    `SELECT id, owner_id AS "ownerId", recipient, template, data, created_at AS "createdAt"
     FROM mails WHERE lower(recipient) = lower($1) ORDER BY id`,
    [recipient],
  );

/** The token in the newest mail to an address, made as the sender makes it; undefined if it is dropped. */
export async function tokenMailed(
  house: House,
  template: Linked,
  recipient: string,
): Promise<string | undefined> {
  const mail = (await mailsTo(house, recipient)).findLast((row) => row.template === template);
  if (!mail) throw new Error(`No ${template} was queued for ${recipient}.`);
  return (await house.mailLinks[template](mail))?.token;
}

/** The same, of which there is one. */
export async function linkMailed(
  house: House,
  template: Linked,
  recipient: string,
): Promise<string> {
  const token = await tokenMailed(house, template, recipient);
  if (token === undefined) throw new Error(`The ${template} to ${recipient} was dropped.`);
  return token;
}

/** A person as they are stored. */
export async function personNamed({ database }: House, usernameKey: string) {
  const [person] = await database.query<{
    id: string;
    email: string;
    email_key: string;
    email_verified_at: Date | null;
    status: string;
    sign_up_risks: string;
    token_version: number;
    password_hash: string;
  }>('SELECT * FROM users WHERE username_key = $1', [usernameKey]);
  if (!person) throw new Error(`Nobody is called ${usernameKey}.`);
  return person;
}
