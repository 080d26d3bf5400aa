import type { Database } from '../platform/database.ts';
import type { Prisma } from '../platform/prisma/client.ts';
import type { UserRole, UserStatus } from '../platform/prisma/enums.ts';
import type { Viewer } from '../platform/viewer.ts';
import { requireCapability } from './capabilities.ts';
import { loginKey } from './names.ts';

/** What narrows the list of people. All of it must hold. */
export interface UserFilter {
  readonly role?: readonly UserRole[] | undefined;
  readonly status?: readonly UserStatus[] | undefined;
  /** Whole, in any case. */
  readonly username?: string | undefined;
  readonly email?: string | undefined;
}

export type UserDirectory = ReturnType<typeof createUserDirectory>;

/** Everyone, for administrators. Throws Forbidden for all others. */
export function createUserDirectory({ db }: { readonly db: Database }) {
  const peopleIn = (viewer: Viewer, filter: UserFilter): Prisma.UserWhereInput => {
    requireCapability(viewer, 'READ_EVERYONE');
    const { role, status, username, email } = filter;
    return {
      ...(role && { role: { in: [...role] } }),
      ...(status && { status: { in: [...status] } }),
      ...(username !== undefined && { usernameKey: loginKey(username) }),
      ...(email !== undefined && { emailKey: loginKey(email) }),
    };
  };
  return {
    /** Those that the filter leaves, newest first. */
    list: async (viewer: Viewer, selection: Prisma.UserFindManyArgs, filter: UserFilter) => {
      const where = { AND: [selection.where ?? {}, peopleIn(viewer, filter)] };
      return db.snapshot(viewer, (tx) => tx.user.findMany({ ...selection, where }));
    },
    count: async (viewer: Viewer, filter: UserFilter) => {
      const where = peopleIn(viewer, filter);
      return db.snapshot(viewer, (tx) => tx.user.count({ where }));
    },
  };
}
