import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { systemViewer } from '../../../src/services/platform/viewer.ts';
import { createTestDatabase } from '../../support/database.ts';
import { openRoleSession } from '../../support/role-session.ts';
import { dumpTables } from '../../support/table-dump.ts';
import { createTradingFloor } from '../../support/trading-floor.ts';
import type { Account } from '../../../src/services/platform/prisma/client.ts';

const database = await createTestDatabase();
const floor = createTradingFloor(database);
const [owner, stranger] = [await floor.addPerson(), await floor.addPerson()];
const [first, second] = [
  await floor.openAccount(owner, '100'),
  await floor.openAccount(owner, '100'),
];
const euros = await floor.openAccount(owner, '100', 'EUR');
const foreign = await floor.openAccount(stranger, '100');

/** `[transfer, account, amount]`; the world outside is the account of null. */
type Entry = readonly [number | null, Account | null, string | null];
interface Call {
  readonly ownerId?: string;
  readonly currency?: string;
  readonly cause?: string;
  readonly transfers?: number;
  readonly entries: readonly Entry[];
}

const SQL = `SELECT post_transfers($1::uuid, $2, now(), $3::uuid[], $4::transfer_cause[],
  $5::uuid[], $6::timestamptz[], $7::int[], $8::ledger_account_kind[], $9::uuid[], $10::numeric[])`;

function valuesOf(call: Call): unknown[] {
  const { ownerId = owner.userId, currency = 'USD', cause = 'CORRECTION', entries } = call;
  const each = Array.from({ length: call.transfers ?? 1 }, (_, index) => index);
  return [
    ...[ownerId, currency, each.map(() => randomUUID()), each.map(() => cause)],
    ...[each.map(() => randomUUID()), each.map((n) => new Date(1_760_000_000_000 + n))],
    ...[entries.map(([transfer]) => transfer)],
    ...[entries.map(([, account]) => (account ? 'CASH' : 'EXTERNAL'))],
    ...[entries.map(([, account]) => account?.id ?? null), entries.map(([, , amount]) => amount)],
  ];
}
const post = (call: Call) =>
  database.worker.withViewer(systemViewer(), (tx) =>
    tx.$queryRawUnsafe(`${SQL}::text`, ...valuesOf(call)),
  );
const cashOf = async (...accounts: Account[]) => {
  const rows = await database.query<{ id: string; cash: number }>(
    'SELECT id, cash::float FROM accounts',
  );
  return accounts.map(({ id }) => rows.find((row) => row.id === id)?.cash);
};

let before: unknown;
beforeEach(async () => {
  before = await dumpTables(database);
});

describe('transfers in sets', () => {
  test('change the cash of each account by the sum of its entries, and number the lines', async () => {
    await post({
      transfers: 3,
      // The entries of a transfer need not stand together.
      entries: [
        [1, first, '10'],
        [2, first, '-3.5'],
        [3, second, '7.25'],
        [2, second, '3.5'],
        [1, null, '-10'],
        [3, first, '0.75'],
        [3, null, '-8'],
      ],
    });
    // 100 + 10 − 3.50 + 0.75; 100 + 7.25 + 3.50
    expect(await cashOf(first, second)).toEqual([107.25, 110.75]);
    const rows = await database.query<{ entries: unknown }>(
      `SELECT json_agg(json_build_array(e.line, e.ledger_account, e.account_id, e.amount::float,
         e.occurred_at = t.occurred_at AND e.owner_id = t.owner_id) ORDER BY e.line) AS entries
       FROM ledger_transfers t JOIN ledger_entries e ON e.transfer_id = t.id
       WHERE t.cause = 'CORRECTION' GROUP BY t.id, t.occurred_at ORDER BY t.occurred_at`,
    );
    expect(rows.map(({ entries }) => entries)).toEqual([
      [
        [0, 'CASH', first.id, 10, true],
        [1, 'EXTERNAL', null, -10, true],
      ],
      [
        [0, 'CASH', first.id, -3.5, true],
        [1, 'CASH', second.id, 3.5, true],
      ],
      [
        [0, 'CASH', second.id, 7.25, true],
        [1, 'CASH', first.id, 0.75, true],
        [2, 'EXTERNAL', null, -8, true],
      ],
    ]);
  });

  test('may be none', async () => {
    await post({ transfers: 0, entries: [] });
    expect(await dumpTables(database)).toEqual(before);
  });

  const good: Entry[] = [
    [1, first, '5'],
    [1, null, '-5'],
  ];
  const paired = (account: Account | null, amount: string | null, other: string | null) =>
    [...good, [2, account, amount], [2, null, other]] as Entry[];
  test.each<[string, Partial<Call> & { entries: Entry[] }, RegExp]>([
    ['one entry', { entries: [...good, [2, first, '5']] }, /two entries/],
    ['no entry', { entries: good }, /two entries/],
    [
      'an entry of no transfer',
      { entries: [...paired(first, '5', '-5'), [3, first, '5']] },
      /no transfer/,
    ],
    ['an entry of null', { transfers: 1, entries: [...good, [null, first, '5']] }, /no transfer/],
    ['a sum that is not zero', { entries: paired(first, '5', '-4.99') }, /sum to 0\.01/],
    [
      'sums that are zero together only',
      {
        entries: [
          [1, first, '5'],
          [1, null, '-4'],
          [2, first, '5'],
          [2, null, '-6'],
        ],
      },
      /sum to/,
    ],
    [
      'more decimals than the currency has',
      { entries: paired(first, '0.001', '-0.001') },
      /2 decimals/,
    ],
    ['an amount of zero', { entries: paired(first, '0', '0') }, /zero or not finite/],
    ['no amount', { entries: paired(first, null, null) }, /missing/],
    ['NaN', { entries: paired(first, 'NaN', 'NaN') }, /not finite/],
    ['infinity', { entries: paired(first, 'Infinity', '-Infinity') }, /not finite/],
    [
      'no currency of ours',
      { currency: 'XXX', entries: paired(first, '5', '-5') },
      /unknown currency/,
    ],
    ['another currency', { entries: paired(euros, '5', '-5') }, /not one of/],
    ["another owner's account", { entries: paired(foreign, '5', '-5') }, /not one of/],
    [
      'an account that is not there',
      { entries: paired({ ...first, id: randomUUID() }, '5', '-5') },
      /not one of/,
    ],
  ])('refuse %s, and book nothing of the set', async (_what, call, reason) => {
    await expect(post({ transfers: 2, ...call })).rejects.toThrow(reason);
    expect(await dumpTables(database)).toEqual(before);
  });
});

const server = await openRoleSession(database.serverUrl);

describe("the server's role", () => {
  const viewer = { userId: owner.userId, role: 'USER' };
  const deposit = {
    cause: 'DEPOSIT',
    entries: [
      [1, first, '5'],
      [1, null, '-5'],
    ],
  } as const;

  test('may not post sets', async () => {
    expect(await server.refusalOf(viewer, SQL, valuesOf(deposit))).toBe('42501');
    expect(await dumpTables(database)).toEqual(before);
  });

  test('is held to its own deposits and withdrawals on paper by the function itself', async () => {
    await database.query('GRANT EXECUTE ON FUNCTION post_transfers TO tradegraph_server');
    expect(await server.refusalOf(viewer, SQL, valuesOf(deposit))).toBe('done');
    const others = { ...viewer, userId: stranger.userId };
    expect(await server.refusalOf(others, SQL, valuesOf(deposit))).toBe('42501');
    for (const cause of ['FILL', 'FEE', 'CORRECTION']) {
      expect(await server.refusalOf(viewer, SQL, valuesOf({ ...deposit, cause }))).toBe('42501');
    }
    await database.query(`UPDATE accounts SET kind = 'LIVE' WHERE id = $1`, [first.id]);
    expect(await server.refusalOf(viewer, SQL, valuesOf(deposit))).toBe('42501');
    await database.query(`UPDATE accounts SET kind = 'PAPER' WHERE id = $1`, [first.id]);
    await database.query('REVOKE EXECUTE ON FUNCTION post_transfers FROM tradegraph_server');
    expect(await dumpTables(database)).toEqual(before);
  });
});
