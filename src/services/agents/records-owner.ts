import { NotFound } from '../platform/errors.ts';
import { systemViewer } from '../platform/viewer.ts';
import type { Database } from '../platform/database.ts';

/** Id of the user of that name, in any case: who owns records. Throws NotFound. */
export async function findOwnerId(workerDb: Database, username: string): Promise<string> {
  const owner = await workerDb.snapshot(systemViewer(), (tx) =>
    tx.user.findUnique({ where: { usernameKey: username.toLowerCase() } }),
  );
  if (!owner) throw new NotFound(`User "${username}"`);
  return owner.id;
}
