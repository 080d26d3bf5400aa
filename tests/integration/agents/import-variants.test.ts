import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { ImportSummary, TraderSummary } from '../../../src/services/agents/import/summary.ts';
import { VARIANTS_FOLDER } from '../../support/ai-trader-records.ts';
import { createTestDatabase } from '../../support/database.ts';
import { createImportHouse } from '../../support/import-house.ts';

const database = await createTestDatabase();
const { query } = database;
const house = createImportHouse(database);
let summary: ImportSummary;
let ownerUsername: string;

beforeAll(async () => {
  const imported = await house.importFor(VARIANTS_FOLDER);
  summary = imported.summary;
  ownerUsername = imported.owner.userId;
});

function traderOf(name: string): TraderSummary {
  const trader = summary.traders.find((one) => one.name === name);
  if (!trader) throw new Error(`There is no ${name}.`);
  return trader;
}

const fileOf = (group: string, name: string) =>
  join(VARIANTS_FOLDER, 'data', group, name, 'position', 'position.jsonl');

async function tradesOf(name: string) {
  const rows = await query<Record<string, string>>(
    `SELECT t.source, side, symbol, trim_scale(quantity)::text AS quantity,
       trim_scale(price)::text AS price, trim_scale(cash_amount)::text AS cash,
       to_char(executed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') AS at, flags::text
     FROM trades t JOIN instruments i ON i.id = t.instrument_id
     WHERE account_id = $1 ORDER BY executed_at, t.id`,
    [traderOf(name).accountId],
  );
  return rows.map((row) => Object.values(row));
}

test('the layout of the project is found, and each trader named after its group', () => {
  const found = summary.traders.map(({ importKey, market, interval, currency }) => [
    ...[importKey, market, interval, currency],
  ]);
  expect(found).toEqual([
    ['ai-trader:agent_data/hour-fixture@60min', 'US', 'HOUR_1', 'USD'],
    ['ai-trader:agent_data_astock/day-fixture', 'CHINA_A', 'DAY_1', 'CNY'],
    ['ai-trader:agent_data_astock_hour/hour-fixture-astock@60min', 'CHINA_A', 'HOUR_1', 'CNY'],
    ['ai-trader:agent_data_crypto/coin-fixture', 'CRYPTO', 'DAY_1', 'USDT'],
    ['ai-trader:agent_data_crypto/heir-fixture', 'CRYPTO', 'DAY_1', 'USDT'],
  ]);
});

describe('the worth of each trader at the last close is start + corrections + realised + unrealised:', () => {
  test.each<[name: string, at: string, worth: readonly string[]]>([
    // AAA: bought 10 @ 100 and 10 @ 100.5 = 2005; 5 sold @ 101.75 bring 508.75 − 2005 × 5/20 = +7.50;
    // 15 left cost 1503.75, and close at 104.5: 1567.50, +63.75. BBB: bought 4 @ 22 = 88, 1 sold @ 21:
    // −1.00; 3 cost 66, 2 bought @ 21: 5 cost 108, close at 20.75: 103.75, −4.25.
    // Cash 8394.75 + 1567.50 + 103.75 = 10066 = 10000 + 6.50 + 59.50.
    ['hour-fixture', '2025-10-16T17:00:00Z', ['8394.75', '0', '6.5', '59.5', '10066']],
    // 000001: bought 300 @ 11.3, 100 sold @ 11.4: 1140 − 1130 = +10; 200 cost 2260, close at 11.45:
    // 2290, +30. 600519: 10 @ 1440 close at 1419.25: 14192.50, −207.50.
    // 83350 + 2290 + 14192.50 = 99832.50 = 100000 + 10 − 177.50.
    ['day-fixture', '2025-10-13T07:00:00Z', ['83350', '0', '10', '-177.5', '99832.5']],
    // 10 bought @ 1440, 4 sold @ 1441: +4; 6 cost 8640, and are worth 6 × 1433 = 8598 at the close of
    // the first hour: −42. The one bought @ 1433 where the second hour opens, at this very time, is of
    // that hour, which has no close yet. Cash 100000 − 14400 + 5764 = 91364.
    // 91364 + 8598 = 99962 = 100000 + 4 − 42.
    ['hour-fixture-astock', '2025-10-10T02:30:00Z', ['91364', '0', '4', '-42', '99962']],
    // BTC: 0.1 @ 109600 = 10960, half of it sold @ 110000: 5500 − 5480 = +20. ETH: 2.5 @ 3870 = 9675,
    // given away @ 3905.5: +88.75. SOL: 0.14576 @ 186.25 = 27.1478, and 0.00004 more = 0.00745, given
    // away @ 187.5: 27.3375 − 27.15525 = +0.18225. Together +108.93225; corrections 0.00745 − 88.9397.
    // 0.05 BTC cost 5480, close at 106500: 5325, −155.
    // 44540 + 5325 = 49865 = 50000 − 88.93225 + 108.93225 − 155.
    ['coin-fixture', '2025-11-04T00:00:00Z', ['44540', '-88.93225', '108.93225', '-155', '49865']],
    // Opens with 0.01 BTC, taken in @ 109600 = 1096; given away @ 110100.5 = 1101.005: +5.005.
    // Cash is 500.5 before and 1000 after: corrections 1096 + (1000 − 500.5 − 1101.005) = 494.495.
    // 1000 = 500.5 + 494.495 + 5.005.
    ['heir-fixture', '2025-11-04T00:00:00Z', ['1000', '494.495', '5.005', '0', '1000']],
  ])('%s', (name, at, worth) => {
    const { equity } = traderOf(name);
    expect(equity).toMatchObject({ at: new Date(at), identityHolds: true });
    const { cash, corrections, realized, unrealized, equity: total } = equity ?? {};
    const figures = [cash, corrections, realized, unrealized, total];
    expect(figures.map((figure) => figure?.toFixed())).toEqual(worth);
  });
});

test('hours of the US: a label names the hour that it opens, and what is odd is flagged', async () => {
  // 10:00 in New York is 14:00 UTC in October.
  expect(await tradesOf('hour-fixture')).toEqual([
    ['IMPORTED', 'BUY', 'AAA', '10', '100', '-1000', '2025-10-15 14:00', '{}'],
    ['IMPORTED', 'BUY', 'AAA', '10', '100.5', '-1005', '2025-10-15 15:00', '{}'],
    [
      'IMPORTED',
      'SELL',
      'AAA',
      '5',
      '101.75',
      '508.75',
      '2025-10-15 19:00',
      '{STATED_PRICE_DIFFERS}',
    ],
    ['IMPORTED', 'BUY', 'BBB', '4', '22', '-88', '2025-10-15 19:00', '{PRICE_OUTSIDE_BAR}'],
    ['IMPORTED', 'SELL', 'BBB', '1', '21', '21', '2025-10-16 15:00', '{NO_BAR}'],
    // Dated an hour before the row above it, and booked with it.
    ['IMPORTED', 'BUY', 'BBB', '2', '21', '-42', '2025-10-16 15:00', '{OUT_OF_ORDER}'],
  ]);
  const { flags, flagCount, rows, noTrades } = traderOf('hour-fixture');
  expect([rows, noTrades, flagCount]).toEqual([9, 2, 4]);
  const file = fileOf('agent_data', 'hour-fixture');
  expect(flags[1]).toMatchObject({ file, line: 6, flag: 'PRICE_OUTSIDE_BAR', symbol: 'BBB' });
  expect([flags[1]?.price, flags[1]?.low, flags[1]?.high].map((one) => one?.toFixed())).toEqual([
    ...['22', '20.25', '21'],
  ]);
});

test('days and hours of A-shares: a label names the hour that it closes, in Shanghai', async () => {
  // 09:30 in Shanghai is 01:30 UTC.
  expect(await tradesOf('day-fixture')).toEqual([
    ['IMPORTED', 'BUY', '600519.SH', '10', '1440', '-14400', '2025-10-09 01:30', '{}'],
    ['IMPORTED', 'BUY', '000001.SZ', '300', '11.3', '-3390', '2025-10-09 01:30', '{}'],
    ['IMPORTED', 'SELL', '000001.SZ', '100', '11.4', '1140', '2025-10-10 01:30', '{}'],
  ]);
  expect(traderOf('day-fixture').zeroTrades).toBe(1);
  expect(await tradesOf('hour-fixture-astock')).toEqual([
    ['IMPORTED', 'BUY', '600519.SH', '10', '1440', '-14400', '2025-10-09 01:30', '{}'],
    // The hour that closes at 14:00 opens at 13:00.
    ['IMPORTED', 'SELL', '600519.SH', '4', '1441', '5764', '2025-10-09 05:00', '{}'],
    ['IMPORTED', 'BUY', '600519.SH', '1', '1433', '-1433', '2025-10-10 02:30', '{}'],
  ]);
});

test('a chain of coins that begins anew is corrected at the prices of its day', async () => {
  expect(await tradesOf('coin-fixture')).toEqual([
    ['IMPORTED', 'BUY', 'BTC-USDT', '0.1', '109600', '-10960', '2025-11-01 00:00', '{}'],
    ['IMPORTED', 'BUY', 'ETH-USDT', '2.5', '3870', '-9675', '2025-11-02 00:00', '{}'],
    // The file rounds 0.14576 to 0.1458.
    ['CORRECTION', 'BUY', 'SOL-USDT', '0.00004', '186.25', '-0.00745', '2025-11-02 00:00', '{}'],
    ['IMPORTED', 'BUY', 'SOL-USDT', '0.14576', '186.25', '-27.1478', '2025-11-02 00:00', '{}'],
    ['CORRECTION', 'SELL', 'ETH-USDT', '2.5', '3905.5', '9763.75', '2025-11-03 00:00', '{}'],
    ['CORRECTION', 'SELL', 'SOL-USDT', '0.1458', '187.5', '27.3375', '2025-11-03 00:00', '{}'],
    ['IMPORTED', 'SELL', 'BTC-USDT', '0.05', '110000', '5500', '2025-11-03 00:00', '{}'],
  ]);
  const { correctionCount, corrections } = traderOf('coin-fixture');
  expect(correctionCount).toBe(2);
  const told = corrections.map(({ line, quantities, cash }) => [
    line,
    quantities.map(({ symbol, ours, file }) => [symbol, ours.toFixed(), file.toFixed()]),
    [cash.ours.toFixed(), cash.file.toFixed()],
  ]);
  expect(told).toEqual([
    [4, [['SOL-USDT', '0.14576', '0.1458']], ['29337.8522', '29337.8522']],
    // Followed, it would have 29337.8522 + 5500.
    [
      5,
      [
        ['ETH-USDT', '2.5', '0'],
        ['SOL-USDT', '0.1458', '0'],
      ],
      ['34837.8522', '44540'],
    ],
  ]);
});

test('cash and quantities are proved at the last row of each trader', () => {
  const proofs = summary.traders.map(({ name, proof: { line, isEqual, cash, quantities } }) => [
    ...[name, line, isEqual, cash.file.toFixed(), cash.ledger.toFixed()],
    quantities.map(({ symbol, file, ledger }) => [symbol, file.toFixed(), ledger.toFixed()]),
  ]);
  expect(proofs).toEqual([
    [
      ...['hour-fixture', 9, true, '8394.75', '8394.75'],
      [
        ['AAA', '15', '15'],
        ['BBB', '5', '5'],
      ],
    ],
    [
      ...['day-fixture', 6, true, '83350', '83350'],
      [
        ['000001.SZ', '200', '200'],
        ['600519.SH', '10', '10'],
      ],
    ],
    ['hour-fixture-astock', 4, true, '89931', '89931', [['600519.SH', '7', '7']]],
    ['coin-fixture', 6, true, '44540', '44540', [['BTC-USDT', '0.05', '0.05']]],
    ['heir-fixture', 2, true, '1000', '1000', []],
  ]);
});

test('two folders of one day are runs of their own, at the hours of their names', async () => {
  const rows = await query(
    `SELECT to_char(date, 'YYYY-MM-DD') AS date, content, sequence,
       to_char(occurred_at AT TIME ZONE 'Asia/Shanghai', 'HH24:MI') AS at
     FROM agent_log WHERE model_id = $1 ORDER BY occurred_at`,
    [traderOf('hour-fixture-astock').modelId],
  );
  expect(rows).toEqual([
    { date: '2025-10-09', content: '买入', sequence: 0, at: '09:30' },
    { date: '2025-10-09', content: '卖出', sequence: 0, at: '13:00' },
  ]);
});

test('the second import changes nothing, from whichever folder it starts', async () => {
  const before = await house.books();
  for (const part of ['', 'data', 'data/agent_data_crypto', 'data/agent_data/hour-fixture']) {
    const again = await house.importer.import(join(VARIANTS_FOLDER, part), { ownerUsername });
    expect(again.changes, part).toBe(0);
    expect(again.traders.length, part).toBeGreaterThan(0);
  }
  expect(await house.books()).toEqual(before);
});
