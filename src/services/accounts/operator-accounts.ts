import { NotFound } from '../platform/errors.ts';
import { appendEvents } from '../platform/outbox.ts';
import type { UserRole } from '../platform/prisma/enums.ts';
import { systemViewer } from '../platform/viewer.ts';
import { assertOwnEmail } from './email-claim.ts';
import { InvalidCredentials } from './errors.ts';
import { userChanged } from './events.ts';
import { loginKey } from './names.ts';
import {
  createUser,
  type NewUser,
  type OperatorUser,
  type OperatorUserPorts,
} from './operator-users.ts';
import { openSession } from './open-session.ts';
import { assertAnotherSuperAdmin, assertNoSuperAdmin } from './super-admins.ts';
import { issueAccessToken, type IssuedToken } from './session-tokens.ts';
import type { Tokens } from './tokens.ts';

export interface OperatorAccountsPorts extends OperatorUserPorts {
  readonly tokens: Tokens;
}

export interface NewSuperAdmin extends Pick<NewUser, 'username' | 'email' | 'password'> {
  /** Whether there may be one already. */
  readonly isForced: boolean;
}

/**
 * What the people who run the program do to accounts, from the seed and the command line: with the
 * worker's role, past row-level security. Nothing of it is reachable from a request.
 */
export function createOperatorAccounts(ports: OperatorAccountsPorts) {
  const { workerDb, clock, audit } = ports;

  return {
    /** Throws UsernameTaken, EmailTaken, WeakPassword or InvalidInput. */
    createUser: (user: NewUser) => createUser(ports, user),

    /** Throws SuperAdminExists when there is one, in whatever state. */
    async assertNoSuperAdmin(): Promise<void> {
      await workerDb.withViewer(systemViewer(), assertNoSuperAdmin);
    },

    /**
     * The one from whom all other administrators come. Throws SuperAdminExists when there is one,
     * unless it is forced, and what {@link createUser} throws.
     */
    createSuperAdmin: ({ isForced, ...person }: NewSuperAdmin) => {
      const guard = isForced ? undefined : assertNoSuperAdmin;
      return createUser(ports, { ...person, role: 'SUPER_ADMIN', status: 'ACTIVE' }, guard);
    },

    /**
     * Lets a person in, and gives them a role if one is named. Older tokens become void when the
     * role changes. Throws EmailInUse, NotFound for a user name that nobody has, and LastSuperAdmin
     * for a role that would leave none.
     */
    async activate(username: string, role?: UserRole): Promise<OperatorUser> {
      const viewer = systemViewer();
      return workerDb.withViewer(viewer, async (tx) => {
        const usernameKey = loginKey(username);
        await tx.$queryRaw`SELECT 1 FROM users WHERE username_key = ${usernameKey} FOR UPDATE`;
        const before = await tx.user.findUnique({ where: { usernameKey } });
        if (!before) throw new NotFound('User');
        if (before.status !== 'ACTIVE') assertOwnEmail(before);
        const next = { status: 'ACTIVE', role: role ?? before.role } as const;
        if (before.status === next.status && before.role === next.role) return publicOf(before);
        if (before.status === 'ACTIVE' && before.role === 'SUPER_ADMIN') {
          await assertAnotherSuperAdmin(tx, before.id);
        }
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
     * for GraphiQL. It lives as long as its session, which nothing refreshes. Throws
     * InvalidCredentials when there is no such person or they are not active.
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
