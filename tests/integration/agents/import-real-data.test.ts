import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { ImportSummary } from '../../../src/services/agents/import/summary.ts';
import { createLeaderboard } from '../../../src/services/performance/leaderboard.ts';
import type { Decimal } from '../../../src/services/platform/money.ts';
import { anonymousViewer } from '../../../src/services/platform/viewer.ts';
import { createTestDatabase } from '../../support/database.ts';
import { createImportHouse } from '../../support/import-house.ts';
import { AI_TRADER_FOLDER, describeWithSharedData } from '../../support/shared-data.ts';

/** The last row of a position file, read by no code of ours. */
async function lastRowOf(trader: string): Promise<Record<string, number>> {
  const file = join(AI_TRADER_FOLDER, 'agent_data', trader, 'position', 'position.jsonl');
  const lines = (await readFile(file, 'utf8')).trimEnd().split('\n');
  const row = JSON.parse(lines.at(-1) ?? '') as { positions: Record<string, number> };
  return row.positions;
}

/** The open of a day in the provider's file, as text. */
async function openOf(symbol: string, date: string): Promise<string | undefined> {
  const text = await readFile(join(AI_TRADER_FOLDER, `daily_prices_${symbol}.json`), 'utf8');
  const file = JSON.parse(text) as {
    'Time Series (Daily)': Record<string, { '1. open': string } | undefined>;
  };
  return file['Time Series (Daily)'][date]?.['1. open'];
}

interface Row {
  readonly date: string;
  readonly this_action?: {
    readonly action: string;
    readonly symbol: string;
    readonly amount: number;
  };
  readonly positions: Readonly<Record<string, number>>;
}

/** Quotient to the nearest whole number, halves to the even one. */
function nearest(numerator: bigint, denominator: bigint): bigint {
  const floor =
    (numerator - (((numerator % denominator) + denominator) % denominator)) / denominator;
  const twice = 2n * (numerator - floor * denominator);
  const isUp = twice > denominator || (twice === denominator && floor % 2n !== 0n);
  return isUp ? floor + 1n : floor;
}

/** Decimal text in units of 10^-20. */
const UNITS = 10n ** 20n;
function unitsOf(text: string): bigint {
  const [whole = '', fraction = ''] = text.split('.');
  return BigInt(whole + fraction.padEnd(20, '0'));
}

/** In whole cents and whole shares: cash, and holdings at the close of a day, by average cost. */
async function plainWorth(trader: string, date: string) {
  const file = join(AI_TRADER_FOLDER, 'agent_data', trader, 'position', 'position.jsonl');
  const lines = (await readFile(file, 'utf8')).trimEnd().split('\n');
  const rows = lines.map((line) => JSON.parse(line) as Row).filter((row) => row.date <= date);
  const cost = new Map<string, bigint>();
  let [cash, realized] = [0n, 0n];
  let held: Readonly<Record<string, number>> = {};
  for (const { this_action: action, positions } of rows) {
    const { CASH: after = NaN, ...quantities } = positions;
    const cents = nearest(unitsOf(String(after)) * 100n, UNITS);
    const [moved, symbol] = [cents - cash, action?.symbol ?? ''];
    const [before, costBefore] = [BigInt(held[symbol] ?? 0), cost.get(symbol) ?? 0n];
    if (action?.action === 'buy') cost.set(symbol, costBefore - moved);
    if (action?.action === 'sell' && action.amount > 0) {
      const released = nearest(costBefore * BigInt(action.amount), before);
      realized += moved - released;
      cost.set(symbol, costBefore - released);
    }
    [cash, held] = [cents, quantities];
  }
  // Prices have four decimals: a hundredth of a cent is a whole unit.
  let [value, paid] = [0n, 0n];
  for (const [symbol, quantity] of Object.entries(held)) {
    if (quantity === 0) continue;
    value += (BigInt(quantity) * unitsOf(await closeOf(symbol, date))) / 10n ** 16n;
    paid += cost.get(symbol) ?? 0n;
  }
  const dollars = (units: bigint) => (Number(units) / 10_000).toFixed(2);
  return {
    equity: dollars(cash * 100n + value),
    realized: dollars(realized * 100n),
    unrealized: dollars(value - paid * 100n),
  };
}

async function closeOf(symbol: string, date: string): Promise<string> {
  const text = await readFile(join(AI_TRADER_FOLDER, `daily_prices_${symbol}.json`), 'utf8');
  const file = JSON.parse(text) as {
    'Time Series (Daily)': Record<string, { '4. close': string } | undefined>;
  };
  return file['Time Series (Daily)'][date]?.['4. close'] ?? '';
}

describeWithSharedData('the real records of six traders', async () => {
  const database = await createTestDatabase();
  const { query } = database;
  const house = createImportHouse(database);
  const leaderboard = createLeaderboard({ db: database.server, clock: house.clock });
  let ownerUsername: string;
  let summary: ImportSummary;

  beforeAll(async () => {
    const imported = await house.importFor(AI_TRADER_FOLDER);
    ownerUsername = imported.owner.userId;
    summary = imported.summary;
  });

  test('are there whole', () => {
    // 102 files of 100 bars and one of 79; the merged file adds none.
    expect(summary.prices).toEqual({
      symbols: 103,
      bars: 10_279 + 101 * 100,
      instrumentsAdded: 103,
      instrumentsNamed: 0,
      barsAdded: 10_279,
      barsDiffering: 0,
      barsWithoutRange: 0,
    });
    expect(summary.ignoredFiles).toEqual([]);
    expect(summary.news).toEqual({ files: 1, articles: 20, articlesAdded: 20 });
    const counted = summary.traders.map(({ name, rows, trades }) => [name, rows, trades]);
    expect(counted).toEqual([
      ['MiniMax-M2', 56, 50],
      ['claude-3.7-sonnet', 67, 64],
      ['deepseek-chat-v3.1', 62, 55],
      ['gemini-2.5-flash', 81, 69],
      ['gpt-5', 50, 41],
      ['qwen3-max', 27, 14],
    ]);
  });

  test('have 293 trades, each at the open of its day', async () => {
    const trades = await query<{ symbol: string; date: string; price: string }>(
      `SELECT symbol, to_char(executed_at AT TIME ZONE 'America/New_York', 'YYYY-MM-DD') AS date,
         trim_scale(price)::text AS price
       FROM trades t JOIN instruments i ON i.id = t.instrument_id`,
    );
    const opens = await Promise.all(trades.map(({ symbol, date }) => openOf(symbol, date)));
    expect(trades).toHaveLength(293);
    expect(trades.map(({ price }) => Number(price))).toEqual(opens.map(Number));
    expect(summary.traders.reduce((sum, { tradesAtOpen }) => sum + tradesAtOpen, 0)).toBe(293);
  });

  test('reconcile: cash to the cent and every quantity, at the last row of each trader', async () => {
    for (const { name, accountId } of summary.traders) {
      const { CASH: cash = NaN, ...quantities } = await lastRowOf(name);
      const [books] = await query<{ cash: string; ledger: string; trades: string }>(
        `SELECT round(cash, 2)::text AS cash,
           (SELECT round(sum(amount), 2)::text FROM ledger_entries WHERE account_id = a.id) AS ledger,
           (SELECT round(a.starting_cash + sum(cash_amount), 2)::text FROM trades
             WHERE account_id = a.id) AS trades
         FROM accounts a WHERE id = $1`,
        [accountId],
      );
      expect(Math.abs(Number(books?.cash) - cash), name).toBeLessThanOrEqual(0.005);
      expect([books?.ledger, books?.trades], name).toEqual([books?.cash, books?.cash]);
      const held = await query<{ symbol: string; quantity: number }>(
        `SELECT symbol, quantity::float FROM positions p JOIN instruments i ON i.id = p.instrument_id
         WHERE account_id = $1 AND closed_at IS NULL ORDER BY symbol`,
        [accountId],
      );
      const expected = Object.entries(quantities)
        .filter(([, quantity]) => quantity !== 0)
        .map(([symbol, quantity]) => ({ symbol, quantity }))
        .sort((a, b) => (a.symbol < b.symbol ? -1 : 1));
      expect(held, name).toEqual(expected);
    }
  });

  test.each([
    // Name, equity, realised, unrealised; 10,000 + realised + unrealised = equity in each line.
    ['MiniMax-M2', '11099.28', '647.44', '451.84'],
    ['claude-3.7-sonnet', '10795.89', '157.37', '638.52'],
    ['deepseek-chat-v3.1', '11437.74', '870.37', '567.37'],
    ['gemini-2.5-flash', '9928.76', '-272.66', '201.42'],
    ['gpt-5', '10838.82', '-33.64', '872.46'],
    ['qwen3-max', '10614.27', '-0.44', '614.71'],
  ])('%s is worth what its files say, at the close of 2025-10-28', async (name, ...figures) => {
    const [equity, realized, unrealized] = figures;
    const proof = summary.traders.find((trader) => trader.name === name)?.equity;
    expect(proof).toMatchObject({ at: new Date('2025-10-28T20:00:00Z'), identityHolds: true });
    expect(
      [proof?.equity, proof?.realized, proof?.unrealized].map((one) => one?.toFixed(2)),
    ).toEqual(figures);
    expect(proof?.corrections.toFixed()).toBe('0');
    // The same in whole cents, out of files that no code of ours reads.
    expect(await plainWorth(name, '2025-10-28')).toEqual({ equity, realized, unrealized });
  });

  test('rank as published, at the close of 2025-10-27, for anyone who asks', async () => {
    const asOf = new Date('2025-10-27T20:00:00Z');
    const board = await leaderboard.read(anonymousViewer(), { asOf });
    const percent = (value: Decimal | null) => value?.times(100).toFixed(2);
    // DOMAIN.md, "Equity and metrics".
    const table = board.entries.map((entry) => [
      entry.rank,
      entry.modelName,
      percent(entry.return),
      entry.sampleSize,
      entry.isStale,
    ]);
    // 19 sessions from 1 to 27 October.
    expect(table).toEqual([
      [1, 'deepseek-chat-v3.1', '12.94', 19, false],
      [2, 'MiniMax-M2', '8.56', 19, false],
      [3, 'gpt-5', '6.87', 19, false],
      [4, 'claude-3.7-sonnet', '6.23', 19, false],
      [5, 'qwen3-max', '4.46', 19, false],
      [6, 'gemini-2.5-flash', '-2.05', 19, false],
    ]);
    for (const { confidenceLow, confidenceHigh, return: score } of board.entries) {
      expect(score && confidenceLow?.lessThan(score)).toBe(true);
      expect(score && confidenceHigh?.greaterThan(score)).toBe(true);
    }
    const benchmark = await board.benchmark();
    expect(benchmark && percent(benchmark.return)).toBe('4.12');
    expect(benchmark).toMatchObject({
      symbol: 'QQQ',
      from: new Date('2025-10-01T20:00:00Z'),
      to: asOf,
    });
  });

  test('change nothing when they are imported again', async () => {
    const before = await house.books();
    const again = await house.importer.import(AI_TRADER_FOLDER, { ownerUsername });
    expect(again.changes).toBe(0);
    expect(await house.books()).toEqual(before);
  });
});
