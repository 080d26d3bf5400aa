import { requireCapability } from '../accounts/capabilities.ts';
import type { Database } from '../platform/database.ts';
import type { Prisma } from '../platform/prisma/client.ts';
import type { Viewer } from '../platform/viewer.ts';

/** What narrows the list of everyone's accounts. */
export interface AccountFilter {
  readonly ownerId?: string;
}

export type AccountDirectory = ReturnType<typeof createAccountDirectory>;

/** Everyone's accounts, for administrators. Throws Forbidden for all others. */
export function createAccountDirectory({ db }: { readonly db: Database }) {
  const accountsIn = (viewer: Viewer, { ownerId }: AccountFilter): Prisma.AccountWhereInput => {
    requireCapability(viewer, 'READ_EVERYONE');
    return ownerId === undefined ? {} : { ownerId };
  };
  return {
    /** Newest first. */
    list: async (viewer: Viewer, selection: Prisma.AccountFindManyArgs, filter: AccountFilter) => {
      const where = { AND: [selection.where ?? {}, accountsIn(viewer, filter)] };
      const orderBy = selection.orderBy ?? [
        { createdAt: 'desc' as const },
        { id: 'desc' as const },
      ];
      return db.snapshot(viewer, (tx) => tx.account.findMany({ ...selection, where, orderBy }));
    },
    count: async (viewer: Viewer, filter: AccountFilter) => {
      const where = accountsIn(viewer, filter);
      return db.snapshot(viewer, (tx) => tx.account.count({ where }));
    },
  };
}
