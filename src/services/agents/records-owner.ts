import { NotFound } from '../platform/errors.ts';
import type { Tx } from '../platform/database.ts';

/** Id of the user of that name, in any case: who owns records. Throws NotFound. */
export async function findOwnerId(tx: Tx, username: string): Promise<string> {
  const owner = await tx.user.findUnique({ where: { usernameKey: username.toLowerCase() } });
  if (!owner) throw new NotFound(`User "${username}"`);
  return owner.id;
}
