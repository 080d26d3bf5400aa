import { z } from 'zod';
import type { Database, Tx } from '../platform/database.ts';
import { InvalidInput, NotFound } from '../platform/errors.ts';
import type { PageRequest } from '../platform/page.ts';
import { Prisma } from '../platform/prisma/client.ts';
import type { KycStatus, UserRole, UserStatus } from '../platform/prisma/enums.ts';
import type { Viewer } from '../platform/viewer.ts';
import { requireCapability } from './capabilities.ts';
import { loginKey } from './names.ts';
import type { UserSelection } from './users.ts';

/** What narrows the list of people. All of it must hold. */
export interface UserFilter {
  readonly role?: readonly UserRole[] | undefined;
  readonly status?: readonly UserStatus[] | undefined;
  readonly kycStatus?: readonly KycStatus[] | undefined;
  /** Whether something was odd about the sign-up. */
  readonly isRisky?: boolean | undefined;
  /** Whole, in any case. */
  readonly username?: string | undefined;
  readonly email?: string | undefined;
  /** How the user name or the e-mail begins, in any case. */
  readonly search?: string | undefined;
}

/** A letter alone would find a good part of everyone. */
const SEARCH_MIN_CHARACTERS = 2;
const uuid = z.uuid();

export type UserDirectory = ReturnType<typeof createUserDirectory>;

/**
 * Everyone, for administrators. Throws Forbidden for all others; the database's functions that find
 * and count find nobody for them besides.
 */
export function createUserDirectory({ db }: { readonly db: Database }) {
  return {
    /** Those that the filter leaves, newest first, and one past the page. Throws InvalidInput. */
    async list(viewer: Viewer, page: PageRequest, filter: UserFilter) {
      requireCapability(viewer, 'READ_EVERYONE');
      const conditions = conditionsOf(filter);
      return db.snapshot(viewer, async (tx) => {
        const ids = await findIds(tx, conditions, page);
        const orderBy = [{ createdAt: 'desc' as const }, { id: 'desc' as const }];
        return tx.user.findMany({ where: { id: { in: ids } }, orderBy });
      });
    },

    async count(viewer: Viewer, filter: UserFilter): Promise<number> {
      requireCapability(viewer, 'READ_EVERYONE');
      const conditions = conditionsOf(filter);
      return db.snapshot(viewer, async (tx) => {
        const [row] = await tx.$queryRaw<{ count: number }[]>`
          SELECT count_users(${conditions})::int AS count`;
        return row?.count ?? 0;
      });
    },

    /** Throws NotFound when there is none. */
    async get(viewer: Viewer, selection: UserSelection, id: string) {
      requireCapability(viewer, 'READ_EVERYONE');
      if (!uuid.safeParse(id).success) throw new NotFound('User');
      const user = await db.snapshot(viewer, (tx) =>
        tx.user.findUnique({ ...selection, where: { id } }),
      );
      if (!user) throw new NotFound('User');
      return user;
    },
  };
}

async function findIds(tx: Tx, conditions: Prisma.Sql, page: PageRequest): Promise<string[]> {
  const { limit, isBackward, after, before } = page;
  const found = await tx.$queryRaw<{ id: string }[]>`
    SELECT id FROM find_users(${conditions},
      ${after?.value ?? null}::timestamptz, ${after?.id ?? null}::uuid,
      ${before?.value ?? null}::timestamptz, ${before?.id ?? null}::uuid,
      ${isBackward}, ${limit + 1}::int)`;
  return found.map(({ id }) => id);
}

/** The arguments that `find_users` and `count_users` begin with; null narrows nothing. */
function conditionsOf(filter: UserFilter): Prisma.Sql {
  const { status, role, kycStatus, isRisky, username, email, search } = filter;
  const prefix = search === undefined ? null : loginKey(search);
  if (prefix !== null && Array.from(prefix).length < SEARCH_MIN_CHARACTERS) {
    throw new InvalidInput('search', `Give at least ${SEARCH_MIN_CHARACTERS} characters.`);
  }
  const list = (values: readonly string[] | undefined) => (values ? [...values] : null);
  return Prisma.sql`${list(status)}::user_status[], ${list(role)}::user_role[],
    ${list(kycStatus)}::kyc_status[], ${isRisky ?? null}::boolean,
    ${username === undefined ? null : loginKey(username)}::text,
    ${email === undefined ? null : loginKey(email)}::text, ${prefix}::text`;
}
