import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { UserFilter } from '../../../src/services/accounts/user-directory.ts';
import {
  Forbidden,
  InvalidInput,
  NotFound,
  Unauthenticated,
} from '../../../src/services/platform/errors.ts';
import type { PageKey, PageRequest } from '../../../src/services/platform/page.ts';
import { UserRole, UserStatus } from '../../../src/services/platform/prisma/enums.ts';
import { anonymousViewer } from '../../../src/services/platform/viewer.ts';
import { openDeletionHouse } from './deletion-house.ts';

const { database, graph, person } = await openDeletionHouse();
const { userDirectory } = graph.app.services;
const [admin, user] = [await person('ADMIN'), await person('USER')];

// Forty people a minute apart: every 4th waits, every 5th is PREMIUM, every 10th was odd, every 20th is known.
await database.query(
  `INSERT INTO users (id, username, username_key, email, email_key, password_hash, role, status,
     token_version, kyc_status, sign_up_risks, created_at, updated_at)
   SELECT gen_random_uuid(), 'Many_' || n, 'many_' || n, n || '%@many.example', n || '%@many.example', '',
     (CASE WHEN n % 5 = 0 THEN 'PREMIUM' ELSE 'VIEWER' END)::user_role,
     (CASE WHEN n % 4 = 0 THEN 'PENDING' ELSE 'DISABLED' END)::user_status, 0,
     (CASE WHEN n % 20 = 0 THEN 'VERIFIED' ELSE 'NONE' END)::kyc_status,
     CASE WHEN n % 10 = 0 THEN '{VELOCITY}'::sign_up_risk[] ELSE '{}' END,
     '2026-01-01T00:00:00Z'::timestamptz + n * interval '1 minute', now()
   FROM generate_series(1, 40) n`,
);
const OF_MANY = { search: 'many_' };
const namesOf = (users: readonly { username: string }[]) => users.map(({ username }) => username);
const find = async (filter: UserFilter, page: Partial<PageRequest> = {}) =>
  namesOf(
    await userDirectory.list(admin.viewer(), { limit: 100, isBackward: false, ...page }, filter),
  );
const keyOf = async (username: string): Promise<PageKey> => {
  const [row] = await database.query<{ id: string; created_at: Date }>(
    'SELECT id, created_at FROM users WHERE username = $1',
    [username],
  );
  return { id: row?.id ?? '', value: row?.created_at ?? '' };
};
const many = (...numbers: number[]) => numbers.map((number) => `Many_${String(number)}`);

describe('the directory of people', () => {
  it.each([
    ['by status', { status: ['PENDING'], role: ['PREMIUM'] }, many(40, 20)],
    ['by what is known', { kycStatus: ['VERIFIED', 'REJECTED'] }, many(40, 20)],
    ['by what was odd', { isRisky: true }, many(40, 30, 20, 10)],
    [
      'by how the name begins',
      { search: ' MANY_3' },
      many(39, 38, 37, 36, 35, 34, 33, 32, 31, 30, 3),
    ],
    ['by how the address begins', { search: '12%@' }, many(12)],
    ['and takes signs as they are', { search: 'man%' }, []],
    ['by all of it at once', { ...OF_MANY, status: ['PENDING'], isRisky: true }, many(40, 20)],
    ['by the whole name', { username: 'MANY_7' }, many(7)],
    ['by the whole address', { email: '7%@MANY.example' }, many(7)],
    ['by nothing that is', { kycStatus: ['PENDING'] }, []],
    ['by no status at all', { status: [] }, []],
  ] as const)('finds people %s', async (_by, filter, expected) => {
    expect(await find(filter)).toEqual(expected);
    expect(await userDirectory.count(admin.viewer(), filter)).toBe(expected.length);
  });

  it('goes through them in pages, both ways, by every kind of filter', async () => {
    for (const filter of [OF_MANY, { role: ['VIEWER', 'PREMIUM'] as const, status: undefined }]) {
      const whole = await find(filter);
      expect(whole.length).toBe(40);
      const middle = whole[20] ?? '';
      const after = { limit: 4, after: await keyOf(middle) };
      // One past the page tells that there are more.
      expect(await find(filter, after)).toEqual(whole.slice(21, 26));
      const before = { limit: 4, isBackward: true, before: await keyOf(middle) };
      expect(await find(filter, before)).toEqual(whole.slice(15, 20));
      expect(await find(filter, { limit: 4, isBackward: true })).toEqual(whole.slice(-5));
    }
  });

  it('files everyone under a number of their own for each status and role', async () => {
    const [row] = await database.query(
      `SELECT count(DISTINCT user_filing(s, r))::int AS filings, count(user_filing(s, r))::int AS filed
       FROM unnest(enum_range(NULL::user_status)) s, unnest(enum_range(NULL::user_role)) r`,
    );
    const all = Object.keys(UserStatus).length * Object.keys(UserRole).length;
    expect(row).toEqual({ filings: all, filed: all });
  });

  it('shows one person, and is for administrators, in the database too', async () => {
    expect(await userDirectory.get(admin.viewer(), {}, user.id)).toMatchObject({ id: user.id });
    for (const id of [randomUUID(), 'nobody']) {
      await expect(userDirectory.get(admin.viewer(), {}, id)).rejects.toThrow(NotFound);
    }
    await expect(find({ search: 'm' })).rejects.toThrow(InvalidInput);
    const page = { limit: 5, isBackward: false };
    await expect(userDirectory.list(user.viewer(), page, {})).rejects.toThrow(Forbidden);
    await expect(userDirectory.get(user.viewer(), {}, user.id)).rejects.toThrow(Forbidden);
    await expect(userDirectory.count(anonymousViewer(), {})).rejects.toThrow(Unauthenticated);
    const found = await database.server.withViewer(user.viewer(), async (tx) => [
      await tx.$queryRaw`SELECT id FROM find_users(NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
        NULL, NULL, false, 10)`,
      await tx.$queryRaw`SELECT count_users(NULL, NULL, NULL, NULL, NULL, NULL, NULL)::int AS count`,
    ]);
    expect(found).toEqual([[], [{ count: 0 }]]);
  });
});
