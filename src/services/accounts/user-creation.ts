import { Forbidden, type DomainError } from '../platform/errors.ts';
import type { Tx } from '../platform/database.ts';
import type { Ids } from '../platform/ids.ts';
import { appendEvents } from '../platform/outbox.ts';
import type { AccountType, UserRole } from '../platform/prisma/enums.ts';
import { violatedIndex } from '../platform/violated-index.ts';
import type { AuthenticatedViewer, Viewer } from '../platform/viewer.ts';
import type { Mails } from '../notifications/mails.ts';
import {
  createAdministrativeWrites,
  type AdministrativeWritePorts,
} from './administrative-writes.ts';
import { may } from './capabilities.ts';
import { EmailTaken, UsernameTaken } from './errors.ts';
import { userSignedUp } from './events.ts';
import { parseFullName } from './full-name.ts';
import { findCredentials } from './log-in-credentials.ts';
import { parseNames, type PersonNames } from './names.ts';
import type { Passwords } from './passwords.ts';
import { judgeActor } from './user-changes.ts';
import type { UserSelection } from './users.ts';

export interface CreateUser {
  readonly username: string;
  readonly email: string;
  readonly role: UserRole;
  /** Without one, the person gets a mail with which they choose it. */
  readonly password?: string | undefined;
  readonly fullName?: string | undefined;
  readonly accountType?: AccountType | undefined;
  readonly idempotencyKey: string;
}

export interface UserCreationPorts extends AdministrativeWritePorts {
  readonly ids: Ids;
  readonly passwords: Passwords;
  readonly mails: Mails;
  readonly randomBytes: (size: number) => Uint8Array;
}

interface NewPerson extends PersonNames {
  readonly passwordHash: string;
  readonly role: UserRole;
  readonly fullName: string | null;
  readonly accountType: AccountType;
  readonly hasPassword: boolean;
}

/** As much as nobody guesses, for who has not chosen a password yet. */
const RANDOM_PASSWORD_BYTES = 32;

export type UserCreation = ReturnType<typeof createUserCreation>;

/** People that administrators make. */
export function createUserCreation(ports: UserCreationPorts) {
  const { db, clock, ids, audit, passwords, mails, randomBytes } = ports;
  const write = createAdministrativeWrites(ports);

  const insert = async (tx: Tx, self: AuthenticatedViewer, person: NewPerson) => {
    const { username, email, usernameKey, emailKey, role } = person;
    await tx.$queryRaw`SELECT lock_user_change(${self.userId}::uuid)::text`;
    const actor = await tx.user.findUnique({ where: { id: self.userId } });
    const refusal = actor ? judgeActor(actor, null, [role]) : new Forbidden();
    if (refusal) throw refusal;
    if (await findCredentials(tx, { usernameKey })) throw new UsernameTaken(username);
    if (await findCredentials(tx, { emailKey })) throw new EmailTaken();
    const id = ids.next();
    const now = clock.now();
    await tx.$queryRaw`SELECT create_user(${id}::uuid, ${username}, ${usernameKey}, ${email},
      ${emailKey}, ${person.passwordHash}, ${role}::user_role, ${person.fullName},
      ${person.accountType}::account_type, ${now})::text`;
    const status = 'ACTIVE';
    await audit.record(tx, self, {
      action: 'user.created',
      targetType: 'User',
      targetId: id,
      after: { username, role, status },
    });
    await appendEvents(tx, [userSignedUp({ id, username, role, status, tokenVersion: 0 }, now)]);
    if (!person.hasPassword) {
      const template = 'password-reset';
      await mails.queue(tx, { template, recipient: email, ownerId: id, data: {} });
    }
    return { userId: id };
  };

  return {
    /**
     * Makes a person who may log in at once. A password is never answered: the administrator gives
     * one, or the person gets a mail to choose it. The key is not bound to the password, since the
     * hash of a command is no place for it. Throws UsernameTaken, also for the name of somebody who
     * is gone, EmailTaken, WeakPassword, InvalidInput, TooBusy, IdempotencyConflict, and Forbidden
     * for a role that the viewer may not give, and for every key of the API.
     */
    async create(viewer: Viewer, command: CreateUser, selection: UserSelection = {}) {
      const { role, password, accountType = 'INDIVIDUAL', idempotencyKey } = command;
      const names = parseNames(command);
      const fullName = parseFullName(command.fullName ?? '');
      const hasPassword = password !== undefined;
      const { username, email } = names;
      const parsed = { username, email, role, fullName, accountType, hasPassword };
      const asked = { operation: 'createUser', idempotencyKey, command: parsed, targetId: null };
      const capability = 'MANAGE_ACCESS';
      const attempt = { change: 'CREATE', role };
      // Whoever may not do it has no work done for them, and is refused below.
      const isAllowed = may(viewer, capability);
      const passwordHash = isAllowed ? await hashOf(password, [username, email]) : '';
      const person = { ...names, role, fullName, accountType, hasPassword, passwordHash };
      try {
        const { userId } = await write(viewer, { ...asked, capability, attempt }, (tx, self) =>
          insert(tx, self, person),
        );
        return await db.snapshot(viewer, (tx) =>
          tx.user.findUniqueOrThrow({ ...selection, where: { id: userId } }),
        );
      } catch (error) {
        throw takenOf(error, username) ?? error;
      }
    },
  };

  async function hashOf(password: string | undefined, names: readonly string[]): Promise<string> {
    if (password === undefined) {
      return passwords.hash(Buffer.from(randomBytes(RANDOM_PASSWORD_BYTES)).toString('base64url'));
    }
    await passwords.assertAcceptable(password, names);
    return passwords.hash(password);
  }
}

/**
 * Two who make the same person at once pass the look-ups together; the unique indexes let one
 * through.
 */
function takenOf(error: unknown, username: string): DomainError | undefined {
  switch (violatedIndex(error)) {
    case 'users_username_key_key':
      return new UsernameTaken(username);
    case 'users_email_key_key':
      return new EmailTaken();
    default:
      return undefined;
  }
}
