import { describe, expect, test } from 'vitest';
import { NotFound } from '../../../src/services/platform/errors.ts';
import { FIXTURE_FOLDER, copyRecords, LOG, POSITIONS } from '../../support/ai-trader-records.ts';
import { createTestDatabase } from '../../support/database.ts';
import { createImportHouse } from '../../support/import-house.ts';

const database = await createTestDatabase();
const house = createImportHouse(database);
const { query } = database;
const rowsOf = async (sql: string, values: readonly unknown[] = []) => {
  const rows = await query<Record<string, unknown>>(sql, values);
  return rows.map((row) => Object.values(row));
};

/** The same history with 4 AAA bought in place of 3. */
const buysFour = (text: string) =>
  text
    .replace('"amount": 3', '"amount": 4')
    .replaceAll('"AAA": 3', '"AAA": 4')
    .replaceAll('"AAA": 2', '"AAA": 3');
const opensWithMore = (text: string) => text.replace('"CASH": 10000.0', '"CASH": 10000.5');

describe('an import', () => {
  test('books each trade at its price, and cash as the file has it to the cent', async () => {
    const { owner, summary } = await house.importFor(FIXTURE_FOLDER);
    // line 2: 10000 → 9696.985, which is 9696.98 half-even: −303.02; 303.015 / 3 = 101.005.
    // line 3: 9593.985000000001 is above the half cent: 9593.99, so −102.99; 103 / 2 = 51.5 without noise.
    // line 5: 9696.99, so +103.00, while its price is 103.005. The buy of 0 in line 4 books nothing.
    const trades = await rowsOf(
      `SELECT import_key, symbol, side, quantity::float, price::text, cash_amount::float, executed_at
       FROM trades t JOIN instruments i ON i.id = t.instrument_id
       WHERE t.owner_id = $1 ORDER BY import_key`,
      [owner.userId],
    );
    const day2 = new Date('2025-10-02T13:30:00Z');
    const day3 = new Date('2025-10-03T13:30:00Z');
    expect(trades).toEqual([
      ['position.jsonl:2', 'AAA', 'BUY', 3, '101.005000000000000000', -303.02, day2],
      ['position.jsonl:3', 'BBB', 'BUY', 2, '51.500000000000000000', -102.99, day2],
      ['position.jsonl:5', 'AAA', 'SELL', 1, '103.005000000000000000', 103, day3],
    ]);
    const [books] = await query(
      `SELECT cash::float, (SELECT sum(amount)::float FROM ledger_entries WHERE account_id = a.id) AS ledger,
         created_at, zone FROM accounts a WHERE owner_id = $1 AND name = 'gpt-fixture'`,
      [owner.userId],
    );
    expect(books).toEqual({
      cash: 9696.99,
      ledger: 9696.99,
      created_at: new Date('2025-10-01T13:30:00Z'),
      zone: 'America/New_York',
    });
    expect(summary.traders[0]).toMatchObject({
      rows: 6,
      trades: 3,
      noTrades: 1,
      zeroTrades: 1,
      tradesAdded: 3,
      // BBB was bought at 51.50 and AAA at 101.005, the opens of their days; AAA was sold at 103.005.
      tradesAtOpen: 3,
      messages: 4,
      messagesAdded: 4,
      positions: 2,
    });
  });

  test('takes the fuller of two bars, and an open alone where there is no more', async () => {
    const bars = await rowsOf(
      `SELECT symbol, to_char(open_time AT TIME ZONE 'UTC', 'DD HH24:MI') AS open_time,
         to_char(known_at AT TIME ZONE 'UTC', 'DD HH24:MI') AS known_at, open::float, close::float
       FROM bars b JOIN instruments i ON i.id = b.instrument_id
       WHERE symbol IN ('AAA', 'BBB') ORDER BY symbol, open_time`,
    );
    expect(bars).toEqual([
      ['AAA', '01 13:30', '01 20:00', 100, 101],
      ['AAA', '02 13:30', '02 20:00', 101.005, 103],
      ['AAA', '03 13:30', '03 20:00', 103.005, 104],
      ['BBB', '01 13:30', '01 20:00', 50, 51],
      ['BBB', '02 13:30', '02 20:00', 51.5, 50],
      ['BBB', '03 13:30', '03 13:30', 50.5, null],
    ]);
    const instruments = await rowsOf(
      `SELECT symbol, asset_class, source, is_tradable, currency FROM instruments ORDER BY symbol`,
    );
    expect(instruments).toEqual([
      ['AAA', 'STOCK', 'IMPORTED', false, 'USD'],
      ['BBB', 'STOCK', 'IMPORTED', false, 'USD'],
      ['QQQ', 'ETF', 'IMPORTED', false, 'USD'],
    ]);
  });

  test('makes accounts that take no orders, since their books are the records', async () => {
    const { owner } = await house.importFor(FIXTURE_FOLDER);
    const accounts = await rowsOf('SELECT DISTINCT status FROM accounts WHERE owner_id = $1', [
      owner.userId,
    ]);
    expect(accounts).toEqual([['CLOSED']]);
  });

  test('makes a public model of each trader, with its conversation by day', async () => {
    const { owner } = await house.importFor(FIXTURE_FOLDER);
    const models = await rowsOf(
      `SELECT name, trader, provider, visibility, log_visibility, status, import_key FROM models
       WHERE owner_id = $1 ORDER BY name`,
      [owner.userId],
    );
    expect(models).toEqual([
      ['gpt-fixture', 'IMPORTED', 'openai', 'PUBLIC', 'PUBLIC', 'STOPPED', 'ai-trader:gpt-fixture'],
      [
        'idle-fixture',
        'IMPORTED',
        'unknown',
        'PUBLIC',
        'PUBLIC',
        'STOPPED',
        'ai-trader:idle-fixture',
      ],
    ]);
    const messages = await rowsOf(
      `SELECT date::text, sequence, kind, content FROM agent_log WHERE owner_id = $1
       ORDER BY date, sequence`,
      [owner.userId],
    );
    expect(messages).toEqual([
      ['2025-10-02', 0, 'USER', "Please analyze and update today's (2025-10-02) positions."],
      ['2025-10-02', 1, 'ASSISTANT', 'I buy 3 AAA and 2 BBB — carefully.'],
      ['2025-10-03', 0, 'USER', 'What now?'],
      ['2025-10-03', 1, 'ASSISTANT', 'I sell 1 AAA.'],
    ]);
  });

  test('tells once for each trader, and nothing of each trade', async () => {
    const { owner } = await house.importFor(FIXTURE_FOLDER);
    const events = await query(
      `SELECT type, count(*)::int FROM outbox WHERE owner_id = $1 GROUP BY type ORDER BY type`,
      [owner.userId],
    );
    expect(events).toEqual([
      { type: 'BalanceChanged', count: 2 },
      { type: 'RecordsImported', count: 2 },
    ]);
    const audited = await query(`SELECT action FROM audit_records WHERE after ->> 'ownerId' = $1`, [
      owner.userId,
    ]);
    expect(audited).toEqual([{ action: 'records.imported' }, { action: 'records.imported' }]);
  });

  test('reports its progress up to the end', async () => {
    const owner = await house.addPerson();
    const seen: number[] = [];
    const steps = new Set<string>();
    await house.importer.import(FIXTURE_FOLDER, {
      ownerUsername: owner.userId,
      onProgress: ({ step, doneBytes, totalBytes }) => {
        steps.add(step);
        seen.push(doneBytes / totalBytes);
      },
    });
    expect([...steps]).toEqual(['PRICES', 'TRADERS', 'EQUITY']);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    expect(seen.at(-1)).toBe(1);
  });
});

describe('a second import', () => {
  test('changes nothing', async () => {
    const { owner } = await house.importFor(FIXTURE_FOLDER);
    const before = await house.books();
    const again = await house.importer.import(FIXTURE_FOLDER, { ownerUsername: owner.userId });
    expect(again.changes).toBe(0);
    expect(await house.books()).toEqual(before);
  });

  test('adds just what a longer file has more', async () => {
    const records = await copyRecords();
    const { owner } = await house.importFor(records.folder);
    // Sells 2 AAA at the open of 104: 9696.99 + 208 = 9904.99.
    await records.append(
      POSITIONS,
      '{"date": "2025-10-06", "id": 5, "this_action": {"action": "sell", "symbol": "AAA", "amount": 2}, ' +
        '"positions": {"AAA": 0, "BBB": 2, "CASH": 9904.99}}\n',
    );
    await records.append(LOG, '{"new_messages": {"role": "assistant", "content": "Done."}}\n');
    const again = await house.importer.import(records.folder, { ownerUsername: owner.userId });
    expect(again.changes).toBe(2);
    expect(again.traders[0]).toMatchObject({ isNew: false, tradesAdded: 1, messagesAdded: 1 });
    expect(again.traders[0]?.cash.toFixed()).toBe('9904.99');
  });

  test('at the same time as the first does not double anything', async () => {
    const owner = await house.addPerson();
    const both = await Promise.all(
      [1, 2].map(() => house.importer.import(FIXTURE_FOLDER, { ownerUsername: owner.userId })),
    );
    // 2 models, 8 rows, 4 messages and 2 × 3 closes; the prices are there already.
    expect(both.map(({ changes }) => changes).sort()).toEqual([0, 20]);
    const [counted] = await query(
      `SELECT (SELECT count(*)::int FROM models WHERE owner_id = $1) AS models,
         (SELECT count(*)::int FROM trades WHERE owner_id = $1) AS trades,
         (SELECT count(*)::int FROM agent_log WHERE owner_id = $1) AS messages`,
      [owner.userId],
    );
    expect(counted).toEqual({ models: 2, trades: 3, messages: 4 });
  });

  test('stores the whole of a bar whose open alone was known', async () => {
    const records = await copyRecords();
    await records.change('merged.jsonl', (text) =>
      text.replace(
        '"2025-10-03": {"1. buy price": "50.5000"}',
        '"2025-10-03": {"1. buy price": "50.5000", "2. high": "52", "3. low": "50", ' +
          '"4. sell price": "51.2500", "5. volume": "700"}',
      ),
    );
    const { summary } = await house.importFor(records.folder);
    expect(summary.prices).toMatchObject({ barsAdded: 1, barsDiffering: 0 });
  });

  test('keeps a bar as it was stored, and says that the file has another', async () => {
    const records = await copyRecords();
    await records.change('daily_prices_AAA.json', (text) =>
      text.replace('"104.0000"', '"104.5000"'),
    );
    const { summary } = await house.importFor(records.folder);
    expect(summary.prices.barsDiffering).toBe(1);
  });

  test.each([
    ['another trade', buysFour, 2],
    ['other starting cash', opensWithMore, 1],
  ])('refuses %s than was imported before, and changes nothing', async (_what, change, line) => {
    const records = await copyRecords();
    const { owner } = await house.importFor(records.folder);
    await records.change(POSITIONS, change);
    const before = await house.books();
    const again = house.importer.import(records.folder, { ownerUsername: owner.userId });
    await expect(again).rejects.toMatchObject({ file: records.path(POSITIONS), line });
    await expect(again).rejects.toThrow(/earlier import/);
    expect(await house.books()).toEqual(before);
  });

  test('refuses a file that lost a trade, and changes nothing', async () => {
    const records = await copyRecords();
    const { owner } = await house.importFor(records.folder);
    await records.change(POSITIONS, (text) => text.split('\n').slice(0, 4).join('\n'));
    const before = await house.books();
    const again = house.importer.import(records.folder, { ownerUsername: owner.userId });
    await expect(again).rejects.toThrow(/:5: An earlier import of the file had a row in this line/);
    expect(await house.books()).toEqual(before);
  });
});

describe('an owner who is not there', () => {
  test('is refused by name', async () => {
    const before = await house.books();
    const refused = house.importer.import(FIXTURE_FOLDER, { ownerUsername: 'nobody' });
    await expect(refused).rejects.toThrow(NotFound);
    await expect(refused).rejects.toThrow('User "nobody" not found.');
    expect(await house.books()).toEqual(before);
  });
});
