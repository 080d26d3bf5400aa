import { describe, expect, test } from 'vitest';
import { copyRecords, POSITIONS, type RecordsCopy } from '../../support/ai-trader-records.ts';
import { createTestDatabase } from '../../support/database.ts';
import { createImportHouse } from '../../support/import-house.ts';

const database = await createTestDatabase();
const house = createImportHouse(database);
const { query } = database;

type Change = Parameters<RecordsCopy['change']>[1];
const replace =
  (from: string | RegExp, to: string): Change =>
  (text) =>
    text.replace(from, to);

async function importChanged(change: Change) {
  const records = await copyRecords();
  await records.change(POSITIONS, change);
  const { summary, owner } = await house.importFor(records.folder);
  const trader = summary.traders[0];
  if (!trader) throw new Error('The fixture has a trader.');
  return { records, trader, ownerUsername: owner.userId };
}

/** What was booked besides the trades of the rows: corrected quantities, and corrected cash. */
async function correctionsOf(accountId: string) {
  const trades = await query<Record<string, string>>(
    `SELECT side, trim_scale(quantity)::text AS quantity, symbol, trim_scale(price)::text AS price
     FROM trades t JOIN instruments i ON i.id = t.instrument_id
     WHERE account_id = $1 AND t.source = 'CORRECTION' ORDER BY executed_at, t.id`,
    [accountId],
  );
  const cash = await query<{ amount: string }>(
    `SELECT trim_scale(e.amount)::text AS amount
     FROM ledger_entries e JOIN ledger_transfers t ON t.id = e.transfer_id
     WHERE account_id = $1 AND cause = 'CORRECTION' ORDER BY t.id`,
    [accountId],
  );
  return [
    ...trades.map((trade) => Object.values(trade).join(' ')),
    ...cash.map(({ amount }) => amount),
  ];
}

describe('a row that does not follow is told with its line, and booked:', () => {
  test.each<[string, Change, told: readonly string[], booked: readonly string[]]>([
    [
      // BBB opens at 51.5 on that day. The row's own 2 cost 103.00 there: 9696.98 − 103 = 9593.98; the
      // file has 9593.985000000001, so 9593.99. 1 BBB is taken in for 51.50: 51.50 + 0.01 of cash; and
      // given away again in the next row.
      'a quantity that is one too many',
      replace('"BBB": 2, "CASH": 9593', '"BBB": 3, "CASH": 9593'),
      ['3: BBB 2 → 3, cash 9593.98 → 9593.99', '4: BBB 3 → 2, cash 9593.99 → 9593.99'],
      ['BUY 1 BBB 51.5', 'SELL 1 BBB 51.5', '51.51', '-51.5'],
    ],
    [
      'cash that changes without a trade',
      replace('{"CASH": 9696.99', '{"CASH": 9697.99'),
      ['6: cash 9696.99 → 9697.99'],
      ['1'],
    ],
    [
      // The row's own trade at the open: 9696.98 − 103 = 9593.98, where the file has 9793.985, which is
      // 9793.98 half-even: 200 more, of which 199.99 are gone in the next row.
      'a buy that brings cash',
      replace('9593.985000000001', '9793.985'),
      ['3: cash 9593.98 → 9793.98', '4: cash 9793.98 → 9593.99'],
      ['200', '-199.99'],
    ],
    [
      // AAA opens at 103.005: one brings 103.00 half-even, which is what the file's cash has more.
      'a row without an action',
      replace(/"this_action": \{"action": "sell"[^}]*\}, /, ''),
      ['5: AAA 3 → 2, cash 9593.99 → 9696.99'],
      ['SELL 1 AAA 103.005'],
    ],
    [
      // 7 BBB at 50 = 350 are taken in, and at 51.5 = 360.50 given away by the next row.
      'a start with shares',
      replace('{"AAA": 0, "BBB": 0', '{"AAA": 0, "BBB": 7'),
      ['1: BBB 0 → 7, cash 10000 → 10000', '2: BBB 7 → 0, cash 9696.98 → 9696.98'],
      ['BUY 7 BBB 50', 'SELL 7 BBB 51.5', '350', '-360.5'],
    ],
    [
      // It opens with the file's cash; the 1 AAA that it bought before costs 100 more.
      'a start with a trade',
      replace(
        '"id": 0, "positions": {"AAA": 0, "BBB": 0',
        '"this_action": {"action": "buy", "symbol": "AAA", "amount": 1}, ' +
          '"positions": {"AAA": 1, "BBB": 0',
      ),
      // The next row has 3 where 1 + 3 are expected: 1 is given away at 101.005 = 101.00 (half-even).
      ['1: cash 9900 → 10000', '2: AAA 4 → 3, cash 9696.98 → 9696.98'],
      ['SELL 1 AAA 101.005', '100', '-101'],
    ],
    [
      'nothing in a start that says it did not trade',
      replace('"id": 0,', '"id": 0, "this_action": {"action": "no_trade"},'),
      [],
      [],
    ],
    [
      'nothing in quantities that differ by noise',
      replace('"AAA": 3, "BBB": 0', '"AAA": 3.00000000000001, "BBB": 0'),
      [],
      [],
    ],
  ])('%s', async (_what, change, told, booked) => {
    const { trader } = await importChanged(change);
    const lines = trader.corrections.map(({ line, quantities, cash }) => {
      const changed = quantities.map(
        ({ symbol, ours, file }) => `${symbol} ${ours.toFixed()} → ${file.toFixed()}`,
      );
      const moved = `cash ${cash.ours.toFixed()} → ${cash.file.toFixed()}`;
      return `${String(line)}: ${[...changed, moved].join(', ')}`;
    });
    expect(lines).toEqual(told);
    expect(await correctionsOf(trader.accountId)).toEqual(booked);
    // The last row of the fixture, whatever was before it, unless its cash is what was changed.
    expect(trader.proof).toMatchObject({ line: 6, isEqual: true });
    expect(trader.positions).toBe(2);
    expect(trader.equity?.identityHolds).toBe(true);
  });
});

test('a row that goes back in time is booked with the row above it, and flagged', async () => {
  const { trader } = await importChanged(replace('2025-10-03', '2025-10-01'));
  // Its price of 103.005 lies outside of the bar of 1 October, too.
  expect(trader.flags.map(({ line, flag }) => [line, flag])).toEqual([
    [5, 'PRICE_OUTSIDE_BAR'],
    [5, 'OUT_OF_ORDER'],
  ]);
  const [trade] = await query(
    `SELECT executed_at AS at FROM trades WHERE account_id = $1 AND side = 'SELL'`,
    [trader.accountId],
  );
  expect(trade).toEqual({ at: new Date('2025-10-02T13:30:00Z') });
});

test('corrections are told again by a second import, and not booked again', async () => {
  const change = replace('{"CASH": 9696.99', '{"CASH": 9697.99');
  const { records, trader, ownerUsername } = await importChanged(change);
  const before = await house.books();
  const again = await house.importer.import(records.folder, { ownerUsername });
  expect(again.changes).toBe(0);
  expect(again.traders[0]).toMatchObject({ correctionCount: 1, correctionsAdded: 0 });
  expect(again.traders[0]?.corrections).toEqual(trader.corrections);
  expect(await house.books()).toEqual(before);
});

test.each([
  [
    'date',
    '"2025-10-03", "id": 4, "this_action": {"action": "no',
    '"2025-10-06", "id": 4, "this_action": {"action": "no',
    6,
  ],
  ['action', '"buy", "symbol": "BBB", "amount": 0', '"no_trade", "symbol": "BBB", "amount": 0', 4],
  ['price', '"amount": 3}', '"amount": 3, "price": 101.005}', 2],
  ['cash', '9593.985000000001', '9593.985000000002', 3],
])('another %s than was imported before is refused', async (what, from, to, line) => {
  const { records, ownerUsername } = await importChanged((text) => text);
  const before = await house.books();
  await records.change(POSITIONS, replace(from, to));
  const again = house.importer.import(records.folder, { ownerUsername });
  await expect(again).rejects.toMatchObject({ file: records.path(POSITIONS), line });
  await expect(again).rejects.toThrow(new RegExp(`An earlier import had .*${what}.* in this line`));
  expect(await house.books()).toEqual(before);
});

describe('an account that was imported before rows were stored', () => {
  const forgetRows = async (accountId: string) => {
    // They cannot be deleted otherwise.
    await query('SET session_replication_role = replica');
    await query('DELETE FROM imported_rows WHERE account_id = $1', [accountId]);
    await query('RESET session_replication_role');
  };

  test('is known by its trades, and gets its rows', async () => {
    const { records, trader, ownerUsername } = await importChanged((text) => text);
    await forgetRows(trader.accountId);
    const again = await house.importer.import(records.folder, { ownerUsername });
    expect(again.traders[0]).toMatchObject({ rowsAdded: 6, tradesAdded: 0 });
    const [rows] = await query(
      'SELECT count(*)::int AS count FROM imported_rows WHERE account_id = $1',
      [trader.accountId],
    );
    expect(rows).toEqual({ count: 6 });
  });

  test('is refused with other trades', async () => {
    const { records, trader, ownerUsername } = await importChanged((text) => text);
    await forgetRows(trader.accountId);
    await records.change(POSITIONS, replace('"amount": 2', '"amount": 1'));
    const again = house.importer.import(records.folder, { ownerUsername });
    await expect(again).rejects.toThrow(/:3: An earlier import of the file had another trade/);
  });
});
