import type { Audit } from '../audit/audit.ts';
import type { Clock } from '../platform/clock.ts';
import type { Database, Tx } from '../platform/database.ts';
import type { Ids } from '../platform/ids.ts';
import { appendEvents } from '../platform/outbox.ts';
import { Prisma } from '../platform/prisma/client.ts';
import { requireUser, userViewer, type Viewer } from '../platform/viewer.ts';
import { findCredentials } from './log-in-credentials.ts';
import type { EntryLimits } from './entry-limits.ts';
import { UsernameTaken } from './errors.ts';
import { userSignedUp } from './events.ts';
import { parseNames, type PersonNames } from './names.ts';
import type { Passwords } from './passwords.ts';

/** Who may enter, and as what. */
export interface SignUpPolicy {
  /** `open`: a new user may log in at once. `approval`: an administrator decides first. */
  readonly signUpPolicy: 'open' | 'approval';
  readonly defaultRole: 'VIEWER' | 'USER';
}

export interface UsersPorts {
  readonly db: Database;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly audit: Audit;
  readonly passwords: Passwords;
  readonly entryLimits: Pick<EntryLimits, 'beforeSignUp'>;
  readonly policy: SignUpPolicy;
}

export interface SignUp {
  readonly username: string;
  readonly email: string;
  readonly password: string;
}

/** The answer to a sign-up. It is the same when the e-mail is known already and nothing was made. */
export interface SignUpReceipt {
  readonly username: string;
  readonly status: 'PENDING' | 'ACTIVE';
}

interface NewPerson extends PersonNames {
  readonly id: string;
  readonly passwordHash: string;
  readonly role: SignUpPolicy['defaultRole'];
  readonly status: SignUpReceipt['status'];
}

/** What the graph asks for of a person. */
export type UserSelection = Prisma.UserDefaultArgs;

export type Users = ReturnType<typeof createUsers>;

export function createUsers(ports: UsersPorts) {
  const { db, clock, ids, audit, passwords, entryLimits, policy } = ports;
  const status = policy.signUpPolicy === 'open' ? 'ACTIVE' : 'PENDING';

  const register = async (tx: Tx, self: Viewer, person: NewPerson): Promise<void> => {
    const now = clock.now();
    await tx.$executeRaw`SELECT register_user(${person.id}::uuid, ${person.username},
      ${person.email}, ${person.emailKey}, ${person.passwordHash}, ${person.role}::user_role,
      ${person.status}::user_status, ${now})`;
    const { id, username, role } = person;
    await audit.record(tx, self, {
      action: 'user.signed-up',
      targetType: 'User',
      targetId: id,
      after: { username, role, status },
    });
    await appendEvents(tx, [userSignedUp({ id, username, role, status, tokenVersion: 0 }, now)]);
  };

  return {
    /**
     * Makes a person who can log in, or who waits for approval; open to everyone. A user name that is
     * taken is told ({@link UsernameTaken}). A known e-mail is not: the receipt is the same, nothing
     * is made, and the same work is done. Throws WeakPassword, InvalidInput, TooBusy or RateLimited as
     * well.
     */
    async signUp(viewer: Viewer, { password, ...input }: SignUp): Promise<SignUpReceipt> {
      const names = parseNames(input);
      await passwords.assertAcceptable(password, [names.username, names.email]);
      await entryLimits.beforeSignUp(viewer);
      const passwordHash = await passwords.hash(password);
      const role = policy.defaultRole;
      const person: NewPerson = { ...names, id: ids.next(), passwordHash, role, status };
      // Who signs up acts in their own name: the walls of the database let them tell it.
      const { requestId, address, userAgent } = viewer;
      const self = userViewer({ userId: person.id, role }, { requestId, address, userAgent });
      try {
        await db.withViewer(self, async (tx) => {
          const { usernameKey, emailKey } = names;
          if (await findCredentials(tx, { usernameKey })) throw new UsernameTaken(names.username);
          const isKnown = (await findCredentials(tx, { emailKey })) !== undefined;
          // For a known e-mail the same statements run, and are rolled back: the time tells nothing.
          await register(tx, self, isKnown ? { ...person, emailKey: person.id } : person);
          if (isKnown) throw new EmailKnown();
        });
      } catch (error) {
        // Two sign-ups at once pass the look-ups together; the unique indexes let one through.
        if (violatedIndex(error) === 'users_username_key_key') {
          throw new UsernameTaken(names.username);
        }
        const isKnown =
          error instanceof EmailKnown || violatedIndex(error) === 'users_email_key_key';
        if (!isKnown) throw error;
      }
      return { username: names.username, status };
    },

    /** The viewer's own row. Throws Unauthenticated when nobody is logged in. */
    async me(viewer: Viewer, selection: UserSelection) {
      const id = requireUser(viewer).userId;
      return db.snapshot(viewer, (tx) =>
        tx.user.findUniqueOrThrow({ ...selection, where: { id } }),
      );
    },
  };
}

/** Rolls a sign-up back. It never leaves this file. */
class EmailKnown extends Error {}

/** Which unique index a raw statement violated, if that is why it failed. */
function violatedIndex(error: unknown): string | undefined {
  if (!(error instanceof Prisma.PrismaClientKnownRequestError)) return undefined;
  const { driverAdapterError } = (error.meta ?? {}) as {
    driverAdapterError?: { cause?: { constraint?: { index?: string } } };
  };
  return driverAdapterError?.cause?.constraint?.index;
}
