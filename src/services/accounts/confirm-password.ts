import type { Audit } from '../audit/audit.ts';
import type { Database } from '../platform/database.ts';
import { InvalidInput } from '../platform/errors.ts';
import type { AuthenticatedViewer } from '../platform/viewer.ts';
import type { EntryLimits } from './entry-limits.ts';
import { InvalidCredentials } from './errors.ts';
import { findCredentials, type Credentials } from './log-in-credentials.ts';
import type { Passwords } from './passwords.ts';

export interface ConfirmPasswordPorts {
  readonly db: Database;
  readonly audit: Audit;
  readonly passwords: Passwords;
  readonly entryLimits: Pick<EntryLimits, 'beforeLogIn' | 'afterRightPassword' | 'afterLogIn'>;
}

/**
 * Lets the viewer pass with their password. It is counted and slowed as a log-in is: whoever found
 * an open session may guess here. Throws InvalidInput without one, {@link InvalidCredentials} for a
 * wrong one, TooBusy or RateLimited. Answers with what it was checked against.
 */
export async function confirmPassword(
  { db, audit, passwords, entryLimits }: ConfirmPasswordPorts,
  self: AuthenticatedViewer,
  password: string | null | undefined,
): Promise<Credentials> {
  if (!password) throw new InvalidInput('input.password', 'Your password is needed for this.');
  const { userId: id } = self;
  // A viewer of its own: the request's snapshot would stay open while the password is hashed.
  const { usernameKey } = await db.snapshot({ ...self }, (tx) =>
    tx.user.findUniqueOrThrow({ where: { id } }),
  );
  await entryLimits.beforeLogIn(self, usernameKey);
  const person = await db.snapshot({ ...self }, (tx) => findCredentials(tx, { usernameKey }));
  const isRight = await passwords.verify(person?.passwordHash, password);
  if (person && isRight) {
    await entryLimits.afterRightPassword(usernameKey);
    await entryLimits.afterLogIn(self);
    return person;
  }
  await db.withViewer(self, (tx) =>
    audit.record(tx, self, { action: 'user.password-refused', targetType: 'User', targetId: id }),
  );
  throw new InvalidCredentials();
}
