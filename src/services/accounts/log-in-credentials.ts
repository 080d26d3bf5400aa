import type { Tx } from '../platform/database.ts';
import type { UserRole, UserStatus } from '../platform/prisma/enums.ts';

/** What a log-in is checked against. */
export interface Credentials {
  readonly id: string;
  readonly passwordHash: string;
  readonly role: UserRole;
  readonly status: UserStatus;
  readonly tokenVersion: number;
}

/** The person of that user name or e-mail (both normalised); a name goes before an e-mail. */
export async function findCredentials(
  tx: Tx,
  { usernameKey = '', emailKey = '' }: { usernameKey?: string; emailKey?: string },
): Promise<Credentials | undefined> {
  const [found] = await tx.$queryRaw<Credentials[]>`
    SELECT id, password_hash AS "passwordHash", role::text, status::text,
      token_version AS "tokenVersion"
    FROM find_credentials(${usernameKey}, ${emailKey})`;
  return found;
}
