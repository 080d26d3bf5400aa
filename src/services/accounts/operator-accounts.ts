import type { Audit } from '../audit/audit.ts';
import type { Clock } from '../platform/clock.ts';
import type { Database } from '../platform/database.ts';
import { NotFound } from '../platform/errors.ts';
import type { Ids } from '../platform/ids.ts';
import { appendEvents } from '../platform/outbox.ts';
import type { UserRole, UserStatus } from '../platform/prisma/enums.ts';
import { systemViewer } from '../platform/viewer.ts';
import { EmailTaken, InvalidCredentials, UsernameTaken } from './errors.ts';
import { userChanged, userSignedUp } from './events.ts';
import { loginKey, parseNames } from './names.ts';
import { openSession } from './open-session.ts';
import type { Passwords } from './passwords.ts';
import { issueAccessToken, type IssuedToken } from './session-tokens.ts';
import type { Tokens } from './tokens.ts';

export interface OperatorAccountsPorts {
  readonly workerDb: Database;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly audit: Audit;
  readonly passwords: Passwords;
  readonly tokens: Tokens;
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
 * What the people who run the program do to accounts, from the seed and the command line: with the
 * worker's role, past row-level security. Nothing of it is reachable from a request.
 */
export function createOperatorAccounts(ports: OperatorAccountsPorts) {
  const { workerDb, clock, ids, audit, passwords } = ports;

  return {
    /** Throws UsernameTaken, EmailTaken, WeakPassword or InvalidInput. */
    async createUser({ password, role, status, ...input }: NewUser): Promise<OperatorUser> {
      const names = parseNames(input);
      passwords.assertAcceptable(password);
      const passwordHash = await passwords.hash(password);
      const user = { id: ids.next(), username: names.username, role, status };
      const viewer = systemViewer();
      await workerDb.withViewer(viewer, async (tx) => {
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
      });
      return user;
    },

    /**
     * Lets a person in, and gives them a role if one is named. Older tokens become void when the role
     * changes. Throws NotFound for a user name that nobody has.
     */
    async activate(username: string, role?: UserRole): Promise<OperatorUser> {
      const viewer = systemViewer();
      return workerDb.withViewer(viewer, async (tx) => {
        const usernameKey = loginKey(username);
        await tx.$queryRaw`SELECT 1 FROM users WHERE username_key = ${usernameKey} FOR UPDATE`;
        const before = await tx.user.findUnique({ where: { usernameKey } });
        if (!before) throw new NotFound('User');
        const next = { status: 'ACTIVE', role: role ?? before.role } as const;
        if (before.status === next.status && before.role === next.role) return publicOf(before);
        const now = clock.now();
        const user = await tx.user.update({
          where: { usernameKey },
          data: { ...next, tokenVersion: { increment: 1 }, updatedAt: now },
        });
        await audit.record(tx, viewer, {
          action: 'user.activated',
          targetType: 'User',
          targetId: user.id,
          before: { role: before.role, status: before.status },
          after: next,
        });
        await appendEvents(tx, [userChanged(user, now)]);
        return publicOf(user);
      });
    },

    /**
     * A token for an active person without their password, such as the one that development prints
     * for GraphiQL. It lives as long as its session, which nothing refreshes. Throws InvalidCredentials
     * when there is no such person or they are not active.
     */
    async issueToken(userId: string, lifetimeSeconds: number): Promise<IssuedToken> {
      const viewer = systemViewer();
      return workerDb.withViewer(viewer, async (tx) => {
        const user = await tx.user.findUnique({ where: { id: userId } });
        if (user?.status !== 'ACTIVE') throw new InvalidCredentials();
        const { tokenVersion } = user;
        const opened = { tx, viewer, userId, tokenVersion, lifetimeSeconds };
        const session = await openSession(ports, opened);
        return issueAccessToken(ports, session, lifetimeSeconds);
      });
    },
  };
}

const publicOf = ({ id, username, role, status }: OperatorUser): OperatorUser => ({
  id,
  username,
  role,
  status,
});
