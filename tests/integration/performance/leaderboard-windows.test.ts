import { beforeAll, describe, expect, test } from 'vitest';
import { createLeaderboard } from '../../../src/services/performance/leaderboard.ts';
import type { LeaderboardQuery } from '../../../src/services/performance/leaderboard.ts';
import { anonymousViewer, systemViewer } from '../../../src/services/platform/viewer.ts';
import type { AuthenticatedViewer } from '../../../src/services/platform/viewer.ts';
import type { Account } from '../../../src/services/platform/prisma/client.ts';
import { createTestDatabase } from '../../support/database.ts';
import { createRecordedMarket } from '../../support/recorded-market.ts';
import { decimal } from '../../support/trading-floor.ts';

const database = await createTestDatabase();
const market = createRecordedMarket(database);
const leaderboard = createLeaderboard({ db: database.server, clock: market.clock });
const AS_OF = new Date('2025-10-06T20:00:00Z');

let owner: AuthenticatedViewer;

/** A public model whose account of 1,000 was worth so much at each time, by the month, day and hour. */
async function addRecords(
  name: string,
  points: Readonly<Record<string, number>>,
  { openedAt = '2025-08-29T13:30:00Z', zone = 'America/New_York', startingCash = '1000' } = {},
): Promise<Account> {
  const modelId = await market.addModel(owner, { name });
  const account = await market.openAt(owner, openedAt, { modelId, zone, startingCash });
  await database.query(
    `INSERT INTO equity_points (account_id, at, owner_id, cash, cost, equity)
     SELECT $1, ('2025-' || at || ':00:00Z')::timestamptz, $2, equity::numeric, 0, equity::numeric
     FROM jsonb_each_text($3) AS p (at, equity)`,
    [account.id, owner.userId, JSON.stringify(points)],
  );
  return account;
}

async function boardOf(query: LeaderboardQuery = {}) {
  const board = await leaderboard.read(anonymousViewer(), { asOf: AS_OF, ...query });
  const entryOf = (name: string) => board.entries.find(({ modelName }) => modelName === name);
  return { ...board, benchmark: await board.benchmark(), entryOf };
}
type Entry = Awaited<ReturnType<typeof boardOf>>['entries'][number];
/** Base, equity, return, largest fall, days. */
const figuresOf = (entry: Entry | undefined) =>
  entry && [
    ...[entry.baseEquity, entry.equity, entry.return, entry.maxDrawdown].map(String),
    entry.sampleSize,
  ];
const ranksOf = ({ entries }: { entries: readonly Entry[] }) =>
  entries.filter(({ rank }) => rank !== null).map(({ rank, modelName }) => [rank, modelName]);

beforeAll(async () => {
  owner = await market.addPerson();
  // What is imported there makes New York and UTC the zones of exchanges.
  const qqq = await market.addRecorded('QQQ');
  const closes = { '09-01': 320, '09-29': 400, '10-01': 500, '10-02': 450, '10-06': 480 };
  await market.addBars(
    qqq,
    Object.entries(closes).map(([day, close]) => ({
      ...{ openTime: `2025-${day}T13:30:00Z`, closeTime: `2025-${day}T20:00:00Z`, close },
    })),
  );
  await market.addRecorded('BTC-USDT', { zone: 'UTC' });

  const days = ['09-01T20', '09-24T20', '09-29T20', '10-01T20', '10-02T20', '10-06T20'];
  const onDays = (...equities: number[]) =>
    Object.fromEntries(equities.map((equity, index) => [days[index] ?? '', equity]));
  await addRecords('falling', onDays(1100, 1200, 1000, 900, 990, 950));
  await addRecords('calm', onDays(1010, 1000, 1005, 1003, 1002, 1001));
  await addRecords('wild', onDays(2000, 1000, 1500, 2500, 2500, 3000));
});

describe('a window', () => {
  test('of all time begins with what the account started with', async () => {
    const { entryOf } = await boardOf();
    // 950 / 1000 − 1; from 1200 to 900: 1 − 900 / 1200.
    expect(figuresOf(entryOf('falling'))).toEqual(['1000', '950', '-0.05', '0.25', 6]);
  });

  test('begins with the last day at or before its first moment', async () => {
    // Seven days before: 29 September at the close, 1000. Then 900, 990, 950: 1 − 900 / 1000.
    const week = await boardOf({ window: 'DAYS_7' });
    expect(figuresOf(week.entryOf('falling'))).toEqual(['1000', '950', '-0.05', '0.1', 3]);
    // Thirty days before is 6 September: 1100 of the 1st; 950 / 1100 − 1.
    const month = await boardOf({ window: 'DAYS_30' });
    expect(figuresOf(month.entryOf('falling'))).toEqual([
      ...['1100', '950', '-0.136363636363636364', '0.25', 5],
    ]);
  });

  test('begins with the starting balance of an account that opened later', async () => {
    const points = { '10-02T20': 505, '10-06T20': 510 };
    await addRecords('late', points, { openedAt: '2025-10-02T13:30:00Z', startingCash: '500' });
    for (const window of ['DAYS_7', 'YEAR_1', 'ALL'] as const) {
      const { entryOf } = await boardOf({ window });
      expect(figuresOf(entryOf('late'))).toEqual(['500', '510', '0.02', '0', 2]);
    }
  });

  test('in which nothing happened has no day, and no rank', async () => {
    const { entries } = await boardOf({ window: 'DAYS_7', asOf: new Date('2025-12-01T00:00:00Z') });
    const falling = entries.find(({ modelName }) => modelName === 'falling');
    expect(figuresOf(falling)).toEqual(['950', '950', '0', '0', 0]);
    expect(falling?.rank).toBeNull();
  });

  test('knows no day after its time', async () => {
    const { entryOf } = await boardOf({ asOf: new Date('2025-10-01T19:59:59Z') });
    // 1000, 1100, 1200, 1000: 1 − 1000 / 1200.
    expect(figuresOf(entryOf('falling'))).toEqual(['1000', '1000', '0', '0.166667', 3]);
  });

  test('that begins with nothing has neither a return nor a drawdown, nor a rank', async () => {
    const points = {
      ...{ '09-01T20': -5, '09-30T20': 5, '10-01T20': 6, '10-02T20': 7, '10-03T20': 8 },
      ...{ '10-04T20': 9, '10-06T20': 10 },
    };
    await addRecords('ruined', points);
    const { entryOf } = await boardOf({ window: 'DAYS_7' });
    expect(entryOf('ruined')).toMatchObject({
      ...{ rank: null, return: null, maxDrawdown: null, sampleSize: 6 },
    });
  });
});

describe('the metric', () => {
  test('of the return puts the highest first', async () => {
    const { metric, window, ...board } = await boardOf();
    expect([metric, window]).toEqual(['RETURN', 'ALL']);
    const places = ranksOf(board).filter(([, name]) => name !== 'ruined');
    expect(places.map(([, name]) => name)).toEqual(['wild', 'calm', 'falling']);
  });

  test('of the drawdown puts the smallest first', async () => {
    // calm: 1 − 1000 / 1010 = 0.00990099…; falling: 0.25; wild: 1 − 1000 / 2000.
    const board = await boardOf({ metric: 'MAX_DRAWDOWN' });
    const falls = board.entries
      .filter(({ rank, modelName }) => rank !== null && modelName !== 'ruined')
      .map(({ modelName, maxDrawdown }) => [modelName, String(maxDrawdown)]);
    expect(falls).toEqual([
      ['calm', '0.009901'],
      ['falling', '0.25'],
      ['wild', '0.5'],
    ]);
  });
});

describe('a day', () => {
  test('is the last hour of hourly records', async () => {
    const points = { '10-01T15': 1010, '10-01T20': 1020, '10-02T15': 900, '10-02T20': 1050 };
    await addRecords('hourly', points, { openedAt: '2025-10-01T13:30:00Z' });
    const { entryOf } = await boardOf();
    // 1000, 1020, 1050: what it was worth between the closes is no day's end.
    expect(figuresOf(entryOf('hourly'))).toEqual(['1000', '1050', '0.05', '0', 2]);
    const noon = await boardOf({ asOf: new Date('2025-10-02T16:00:00Z') });
    expect(figuresOf(noon.entryOf('hourly'))).toEqual(['1000', '900', '-0.1', '0.117647', 2]);
  });

  test('ends with the close at its midnight', async () => {
    const points = { '10-01T23': 1010, '10-02T00': 1020, '10-02T01': 900, '10-03T00': 1050 };
    await addRecords('coins', points, { openedAt: '2025-10-01T00:00:00Z', zone: 'UTC' });
    const { entryOf } = await boardOf();
    expect(figuresOf(entryOf('coins'))).toEqual(['1000', '1050', '0.05', '0', 2]);
  });
});

describe('corrections', () => {
  const correct = ({ id, ownerId }: Account, amount: number, occurredAt: string) =>
    database.worker.withViewer(systemViewer(), (tx) =>
      market.ledger.post(tx, {
        ...{ ownerId, cause: 'CORRECTION', causeId: market.ids.next() },
        ...{ currency: 'USD', occurredAt: new Date(occurredAt) },
        lines: [
          { ledgerAccount: 'CASH', accountId: id, amount: decimal(amount) },
          { ledgerAccount: 'EXTERNAL', amount: decimal(-amount) },
        ],
      }),
    );

  test('are the sum of what the records jump by before then', async () => {
    const account = await addRecords('jumping', {});
    await correct(account, 50, '2025-10-01T13:30:00Z');
    await correct(account, -20, '2025-10-03T13:30:00Z');
    // At the very time of the board: the equity at that close is from before it, and so is the sum.
    await correct(account, 1000, '2025-10-06T20:00:00Z');
    await correct(account, 7, '2025-10-10T13:30:00Z');
    const { entryOf } = await boardOf();
    expect(entryOf('jumping')?.corrections.toFixed()).toBe('30');
    expect(entryOf('calm')?.corrections.toFixed()).toBe('0');
  });

  test('of somebody without a public model stay behind the wall', async () => {
    const stranger = await market.addPerson();
    const account = await market.openAt(stranger, '2025-10-01T13:30:00Z');
    await correct(account, 50, '2025-10-01T13:30:00Z');
    await database.query('BEGIN');
    await database.query('SET LOCAL ROLE tradegraph_boards');
    const [seen] = await database.query<{ count: number }>(
      'SELECT count(*)::int AS count FROM ledger_transfers WHERE id IS NOT NULL',
    );
    await database.query('ROLLBACK');
    expect(seen).toEqual({ count: 4 });
  });
});

describe('the benchmark', () => {
  const inWords = ({ benchmark }: Awaited<ReturnType<typeof boardOf>>) =>
    benchmark && {
      return: benchmark.return.toFixed(),
      maxDrawdown: benchmark.maxDrawdown.toFixed(),
      from: benchmark.from.toISOString(),
    };
  const hour = (day: string, from: string, to: string, close: number) => ({
    ...{ interval: 'HOUR_1' as const, close },
    ...{ openTime: `2025-10-${day}T${from}:00Z`, closeTime: `2025-10-${day}T${to}:00Z` },
  });
  const session = (day: string, close: number) => ({
    ...{ openTime: `2025-10-${day}T13:30:00Z`, closeTime: `2025-10-${day}T20:00:00Z`, close },
  });

  test('runs in the same window', async () => {
    // 480 / 320 − 1; from 500 to 450.
    expect(inWords(await boardOf())).toEqual({
      ...{ return: '0.5', maxDrawdown: '0.1', from: '2025-09-01T20:00:00.000Z' },
    });
    // 480 / 400 − 1
    expect(inWords(await boardOf({ window: 'DAYS_7' }))).toEqual({
      ...{ return: '0.2', maxDrawdown: '0.1', from: '2025-09-29T20:00:00.000Z' },
    });
  });

  test('is made of the last hours of days where there are no days', async () => {
    const hourly = await market.addRecorded('HOURS');
    await market.addBars(hourly, [
      hour('01', '13:30', '14:30', 10),
      hour('01', '19:00', '20:00', 20),
      hour('02', '14:30', '15:30', 5),
      hour('02', '19:00', '20:00', 30),
    ]);
    expect(inWords(await boardOf({ benchmarkSymbol: 'HOURS' }))).toEqual({
      ...{ return: '0.5', maxDrawdown: '0', from: '2025-10-01T20:00:00.000Z' },
    });
  });

  test('goes on by the last hours of the days after the last daily close', async () => {
    const both = await market.addRecorded('HOURS-LONGER');
    await market.addBars(both, [
      hour('01', '19:30', '20:30', 7),
      session('01', 10),
      hour('02', '13:30', '14:30', 2),
      hour('02', '14:30', '15:30', 8),
      hour('06', '13:30', '14:30', 15),
    ]);
    // 10, 8, 15: 15 / 10 − 1, and 1 − 8 / 10. What it was at between the closes is no day's end.
    const board = await boardOf({ benchmarkSymbol: 'HOURS-LONGER' });
    expect(inWords(board)).toEqual({
      ...{ return: '0.5', maxDrawdown: '0.2', from: '2025-10-01T20:00:00.000Z' },
    });
    expect(board.benchmark?.to).toEqual(new Date('2025-10-06T14:30:00Z'));
  });

  test('goes on by its days after the last hour', async () => {
    const both = await market.addRecorded('DAYS-LONGER');
    await market.addBars(both, [
      hour('01', '13:30', '14:30', 3),
      hour('01', '14:30', '15:30', 4),
      session('02', 2),
      session('06', 5),
    ]);
    // 4, 2, 5: 5 / 4 − 1, and 1 − 2 / 4.
    const board = await boardOf({ benchmarkSymbol: 'DAYS-LONGER' });
    expect(inWords(board)).toEqual({
      ...{ return: '0.25', maxDrawdown: '0.5', from: '2025-10-01T15:30:00.000Z' },
    });
    expect(board.benchmark?.to).toEqual(new Date('2025-10-06T20:00:00Z'));
  });
});
