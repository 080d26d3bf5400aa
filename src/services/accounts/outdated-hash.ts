import type { Database } from '../platform/database.ts';
import type { AuthenticatedViewer } from '../platform/viewer.ts';
import type { Credentials } from './log-in-credentials.ts';
import type { Passwords } from './passwords.ts';

interface OutdatedHashPorts {
  readonly db: Database;
  readonly passwords: Passwords;
}

interface RightPassword {
  readonly self: AuthenticatedViewer;
  readonly person: Credentials;
  /** The one behind the person's hash. */
  readonly password: string;
}

/**
 * Hashes the password of who logged in anew, if the cost of a hash was changed since; another
 * password that they get meanwhile stays. It never throws: they are in, and the next log-in tries
 * again.
 */
export async function renewOutdatedHash(
  { db, passwords }: OutdatedHashPorts,
  { self, person: { passwordHash }, password }: RightPassword,
): Promise<void> {
  try {
    if (!(await passwords.isOutdated(passwordHash))) return;
    const renewed = await passwords.hash(password);
    await db.withViewer(
      self,
      (tx) => tx.$executeRaw`SELECT rehash_password(${passwordHash}, ${renewed})`,
    );
  } catch {
    // Too many hashes wait, or the database went away: neither is the log-in's.
  }
}
