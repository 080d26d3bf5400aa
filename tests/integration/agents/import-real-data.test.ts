import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { ImportSummary } from '../../../src/services/agents/import/summary.ts';
import { createLeaderboard } from '../../../src/services/performance/leaderboard.ts';
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
      barsAdded: 10_279,
      barsDiffering: 0,
    });
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

  test('rank as published, at the close of 2025-10-27, for anyone who asks', async () => {
    const asOf = new Date('2025-10-27T20:00:00Z');
    const board = await leaderboard.returns(anonymousViewer(), { asOf });
    const percent = (value: { times(factor: number): { toFixed(digits: number): string } }) =>
      value.times(100).toFixed(2);
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
      expect(confidenceLow?.lessThan(score) && confidenceHigh?.greaterThan(score)).toBe(true);
    }
    expect(board.benchmark && percent(board.benchmark.return)).toBe('4.12');
    expect(board.benchmark).toMatchObject({
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
