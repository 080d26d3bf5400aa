import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { createLastPrices } from '../../../src/services/market/last-prices.ts';
import { createQuoteBook } from '../../../src/services/market/quote-book.ts';
import { createLeaderboard } from '../../../src/services/performance/leaderboard.ts';
import {
  anonymousViewer,
  systemViewer,
  type AuthenticatedViewer,
} from '../../../src/services/platform/viewer.ts';
import type { Instrument } from '../../../src/services/platform/prisma/client.ts';
import { createEquityRecorder } from '../../../src/services/portfolio/equity-recorder.ts';
import { FIXTURE_FOLDER } from '../../support/ai-trader-records.ts';
import { createTestDatabase } from '../../support/database.ts';
import { createFixedClock } from '../../support/fixed-clock.ts';
import { createImportHouse } from '../../support/import-house.ts';
import { createRecordedMarket } from '../../support/recorded-market.ts';
import { createSilentLogger } from '../../support/silent-logger.ts';
import { decimal } from '../../support/trading-floor.ts';

const database = await createTestDatabase();
const { query } = database;
const house = createImportHouse(database);
const leaderboard = createLeaderboard({ db: database.server, clock: house.clock });

const boardAt = async (asOf: string) => {
  const board = await leaderboard.read(anonymousViewer(), { asOf: new Date(asOf) });
  const entryOf = (name: string) => board.entries.find(({ modelName }) => modelName === name);
  return { ...board, entryOf };
};
const figuresOf = (entry: Awaited<ReturnType<typeof boardAt>>['entries'][number] | undefined) =>
  entry && [
    entry.rank,
    entry.startingEquity.toFixed(),
    entry.equity.toFixed(),
    entry.return?.toFixed(),
    entry.sampleSize,
    entry.isStale,
  ];

let owner: AuthenticatedViewer;
beforeAll(async () => {
  ({ owner } = await house.importFor(FIXTURE_FOLDER));
  const { computeEquity } = createRecordedMarket(database);
  for (const { id } of await query<{ id: string }>('SELECT id FROM accounts')) {
    await computeEquity({ id });
  }
});

/** What live accounts are worth, recorded as at a time. */
async function recordAt(time: string): Promise<void> {
  const clock = createFixedClock(time);
  const lastPrices = createLastPrices({ db: database.worker, quotes: createQuoteBook(), clock });
  const logger = createSilentLogger();
  const ports = { workerDb: database.worker, lastPrices, clock, logger, intervalMs: 60_000 };
  await createEquityRecorder(ports).record();
}

describe('a trader of stocks', () => {
  test('is worth its cash and the last known closes at each close of the exchange', async () => {
    // 1 October: 10000 in cash. 2 October: 9593.99 + 3 × 103 + 2 × 50 = 10002.99.
    const first = await boardAt('2025-10-01T20:00:00Z');
    expect(figuresOf(first.entryOf('gpt-fixture'))).toEqual([
      null,
      '10000',
      '10000',
      '0',
      1,
      false,
    ]);
    const second = await boardAt('2025-10-02T20:00:00Z');
    expect(figuresOf(second.entryOf('gpt-fixture'))).toEqual([
      null,
      '10000',
      '10002.99',
      '0.000299',
      2,
      false,
    ]);
    // 3 October: 9696.99 + 2 × 104 + 2 × 50, since BBB has no close yet: 10004.99, and stale.
    const third = await boardAt('2025-10-03T20:00:00Z');
    expect(figuresOf(third.entryOf('gpt-fixture'))).toEqual([
      null,
      '10000',
      '10004.99',
      '0.000499',
      3,
      true,
    ]);
  });

  test('knows no close before it is made, and no trade after', async () => {
    const { entryOf } = await boardAt('2025-10-02T19:59:59Z');
    expect(figuresOf(entryOf('gpt-fixture'))).toEqual([null, '10000', '10000', '0', 1, false]);
  });

  test('is on no board before its account opened', async () => {
    expect((await boardAt('2025-10-01T13:29:59Z')).entries).toEqual([]);
  });

  test('is on the board with what it started with before its first day is over', async () => {
    const { entryOf } = await boardAt('2025-10-01T14:00:00Z');
    expect(figuresOf(entryOf('gpt-fixture'))).toEqual([null, '10000', '10000', '0', 0, false]);
  });

  test('is stale when its prices are old', async () => {
    const { entryOf } = await boardAt('2025-11-03T20:00:00Z');
    expect(entryOf('gpt-fixture')?.isStale).toBe(true);
    expect(entryOf('idle-fixture')?.isStale).toBe(false);
  });

  test('that never traded keeps the sessions of its exchange', async () => {
    const { entryOf } = await boardAt('2025-10-03T20:00:00Z');
    expect(figuresOf(entryOf('idle-fixture'))).toEqual([null, '5000', '5000', '0', 3, false]);
  });
});

describe('the benchmark', () => {
  test('runs from the close of the first session to the last close known', async () => {
    // 210 / 200 − 1
    const benchmark = await (await boardAt('2025-10-03T20:00:00Z')).benchmark();
    expect({
      ...benchmark,
      return: benchmark?.return.toFixed(),
      maxDrawdown: benchmark?.maxDrawdown.toFixed(),
    }).toEqual({
      symbol: 'QQQ',
      return: '0.05',
      maxDrawdown: '0',
      from: new Date('2025-10-01T20:00:00Z'),
      to: new Date('2025-10-03T20:00:00Z'),
    });
  });

  test('is null with a single close, and for a symbol that is not there', async () => {
    expect(await (await boardAt('2025-10-01T20:00:00Z')).benchmark()).toBeNull();
    const asOf = new Date('2025-10-03T20:00:00Z');
    const board = await leaderboard.read(anonymousViewer(), { asOf, benchmarkSymbol: 'NONE' });
    expect(await board.benchmark()).toBeNull();
  });
});

describe('a model that trades around the clock', () => {
  let coin: Instrument;
  beforeAll(async () => {
    coin = await house.addInstrument({ symbol: 'COIN.SIM', assetClass: 'CRYPTO' });
    const viewer = await house.addPerson();
    const account = await publicModelOf(viewer, 'clockwork', '2025-10-01T12:00:00Z');
    await database.worker.withViewer(systemViewer(), (tx) =>
      house.booking.bookTrade(tx, {
        account: { id: account },
        instrument: coin,
        side: 'BUY',
        quantity: decimal(10),
        price: decimal(20),
        fee: decimal('0.50'),
        source: 'PAPER',
        executedAt: new Date('2025-10-01T23:00:00Z'),
      }),
    );
    await minuteBar('2025-10-01T23:58:00Z', 21);
    await minuteBar('2025-10-02T09:00:00Z', 22);
    for (const time of ['2025-10-01T23:30:00Z', '2025-10-02T00:00:00Z', '2025-10-02T09:05:00Z']) {
      await recordAt(time);
    }
  });

  const minuteBar = (openTime: string, close: number) =>
    query(
      `INSERT INTO bars SELECT $1, 'MINUTE_1', t, t + interval '1 minute', t + interval '1 minute',
         $3, $3, $3, $3, 1, 'SIMULATED' FROM (SELECT $2::timestamptz AS t) x`,
      [coin.id, openTime, close],
    );

  test('has a day for each day in UTC, and the one that runs', async () => {
    // Cash 1000 − 200 − 0.50 = 799.50; at midnight 10 × 21 and at 09:05 10 × 22 are added.
    const atMidnight = await boardAt('2025-10-02T00:00:00Z');
    expect(figuresOf(atMidnight.entryOf('clockwork'))).toEqual([
      null,
      '1000',
      '1009.5',
      '0.0095',
      1,
      false,
    ]);
    const nextMorning = await boardAt('2025-10-02T09:05:00Z');
    expect(figuresOf(nextMorning.entryOf('clockwork'))).toEqual([
      null,
      '1000',
      '1019.5',
      '0.0195',
      2,
      false,
    ]);
  });

  test('is valued at the price of its last trade until a minute is over', async () => {
    const { entryOf } = await boardAt('2025-10-01T23:30:00Z');
    // 799.50 + 10 × 20
    expect(figuresOf(entryOf('clockwork'))).toEqual([null, '1000', '999.5', '-0.0005', 1, true]);
  });

  test('is stale ten minutes after its last price', async () => {
    const { entryOf } = await boardAt('2025-10-02T09:11:01Z');
    expect(entryOf('clockwork')?.isStale).toBe(true);
  });

  test('is ranked from its fifth day on', async () => {
    // From noon on 1 October: four midnights and the day that runs.
    expect((await boardAt('2025-10-04T23:00:00Z')).entryOf('clockwork')?.rank).toBeNull();
    expect((await boardAt('2025-10-05T01:00:00Z')).entryOf('clockwork')).toMatchObject({
      sampleSize: 5,
      rank: 1,
    });
  });
});

describe('the wall', () => {
  test('shows no model that is not public, not even to its owner', async () => {
    const viewer = await house.addPerson();
    await publicModelOf(viewer, 'hidden', '2025-10-01T12:00:00Z', 'PRIVATE');
    const asOf = new Date('2025-10-03T20:00:00Z');
    for (const someone of [anonymousViewer(), viewer]) {
      const { entries } = await leaderboard.read(someone, { asOf });
      expect(entries.map(({ modelName }) => modelName)).not.toContain('hidden');
    }
  });

  test('lets the role of the boards see the rows of public models alone', async () => {
    const stranger = await house.addPerson();
    await house.openAccount(stranger, '500');
    await query('BEGIN');
    await query('SET LOCAL ROLE tradegraph_boards');
    const seen = await query(
      `SELECT (SELECT count(*)::int FROM accounts) AS accounts,
         (SELECT count(DISTINCT account_id)::int FROM ledger_entries) AS ledgers,
         (SELECT count(*)::int FROM models) AS models`,
    );
    await query('ROLLBACK');
    // gpt-fixture, idle-fixture and clockwork.
    expect(seen).toEqual([{ accounts: 3, ledgers: 3, models: 3 }]);
  });

  test('leaves the role of the boards no column that a board does not show', async () => {
    await query('BEGIN');
    await query('SET LOCAL ROLE tradegraph_boards');
    await expect(query('SELECT prompt FROM model_secrets')).rejects.toThrow(/permission denied/);
    await query('ROLLBACK');
  });

  test('knows who owns a public model', async () => {
    const { entryOf } = await boardAt('2025-10-03T20:00:00Z');
    expect(entryOf('gpt-fixture')?.ownerId).toBe(owner.userId);
  });
});

test('a time to come is taken for now', async () => {
  const board = await leaderboard.read(anonymousViewer(), { asOf: new Date('2999-01-01') });
  expect(board.asOf).toEqual(board.computedAt);
});

/** A model of 1000 USD, with its account; answers with the account's id. */
async function publicModelOf(
  viewer: AuthenticatedViewer,
  name: string,
  openedAt: string,
  visibility: 'PUBLIC' | 'PRIVATE' = 'PUBLIC',
): Promise<string> {
  const modelId = randomUUID();
  await query(
    `INSERT INTO models SELECT $1, $2, $3, 'MOMENTUM', 'built-in', 'momentum', '{COIN.SIM}', 1000, 'USD',
       5, 'ACTIVE', $4::visibility, 'PRIVATE', 1, NULL, now(), now()`,
    [modelId, viewer.userId, name, visibility],
  );
  const account = await database.worker.withViewer(systemViewer(), (tx) =>
    house.portfolios.open(tx, {
      ownerId: viewer.userId,
      modelId,
      name,
      kind: 'PAPER',
      currency: 'USD',
      zone: 'America/New_York',
      startingCash: decimal(1000),
      occurredAt: new Date(openedAt),
    }),
  );
  return account.id;
}
