import type { Audit } from '../audit/audit.ts';
import type { Clock } from '../platform/clock.ts';
import type { Database, Tx } from '../platform/database.ts';
import type { Ids } from '../platform/ids.ts';
import { appendEvents } from '../platform/outbox.ts';
import type { UserRole, UserStatus } from '../platform/prisma/enums.ts';
import { violatedIndex } from '../platform/violated-index.ts';
import { systemViewer } from '../platform/viewer.ts';
import { EmailTaken, UsernameTaken } from './errors.ts';
import { userSignedUp } from './events.ts';
import { parseNames } from './names.ts';
import type { Passwords } from './passwords.ts';

export interface OperatorUserPorts {
  readonly workerDb: Database;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly audit: Audit;
  readonly passwords: Passwords;
}

export interface NewUser {
  readonly username: string;
  readonly email: string;
  readonly password: string;
  readonly role: UserRole;
  readonly status: UserStatus;
}

/** A person as operators see them. */
export interface OperatorUser {
  readonly id: string;
  readonly username: string;
  readonly role: UserRole;
  readonly status: UserStatus;
}

/**
 * Makes a person past sign-up and its rules, if `guard` does not throw in the same transaction.
 * Throws UsernameTaken, EmailTaken, WeakPassword or InvalidInput.
 */
export async function createUser(
  { workerDb, clock, ids, audit, passwords }: OperatorUserPorts,
  { password, role, status, ...input }: NewUser,
  guard: (tx: Tx) => Promise<void> = () => Promise.resolve(),
): Promise<OperatorUser> {
  const names = parseNames(input);
  await passwords.assertAcceptable(password, [names.username, names.email]);
  const passwordHash = await passwords.hash(password);
  const user = { id: ids.next(), username: names.username, role, status };
  const viewer = systemViewer();
  const insert = async (tx: Tx): Promise<void> => {
    await guard(tx);
    const now = clock.now();
    const times = { createdAt: now, updatedAt: now };
    const { count } = await tx.user.createMany({
      data: [{ ...names, ...user, ...times, passwordHash, tokenVersion: 0 }],
      skipDuplicates: true,
    });
    if (count === 0) {
      const { usernameKey } = names;
      const namesake = await tx.user.findUnique({ where: { usernameKey } });
      throw namesake ? new UsernameTaken(names.username) : new EmailTaken();
    }
    await audit.record(tx, viewer, {
      action: 'user.created',
      targetType: 'User',
      targetId: user.id,
      after: { username: user.username, role, status },
    });
    await appendEvents(tx, [userSignedUp({ ...user, tokenVersion: 0 }, now)]);
  };
  try {
    await workerDb.withViewer(viewer, insert);
  } catch (error) {
    // A name of somebody who is gone: a trigger refuses it, after the row.
    if (violatedIndex(error) !== 'users_username_key_key') throw error;
    throw new UsernameTaken(names.username);
  }
  return user;
}
