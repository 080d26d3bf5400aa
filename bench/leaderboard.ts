/**
 * How long the leaderboard of 100 public models over 250 sessions takes at the service, from the points
 * that are stored; beside a floor, a bare scan of the same points, and beside the way of before, which
 * valued all trades at all closes. Says what computing the points took, too.
 *
 *     node bench/leaderboard.ts [models] [days] [rounds]
 */
import { readFile } from 'node:fs/promises';
import Table from 'cli-table3';
import { Client } from 'pg';
import { createLeaderboard } from '../src/services/performance/leaderboard.ts';
import { createDatabase } from '../src/services/platform/database.ts';
import { roleUrl } from '../src/services/platform/migrations/roles.ts';
import { anonymousViewer } from '../src/services/platform/viewer.ts';
import { createFixedClock } from '../tests/support/fixed-clock.ts';
import { createRecordedMarket } from '../tests/support/recorded-market.ts';
import { startTestCluster } from '../tests/support/test-cluster.ts';

const INSTRUMENTS = 100;
/** Of each model, all in different instruments and never sold: what it holds grows to as many. */
const TRADES = 40;
const START = '2025-01-01T14:30:00Z';
const OPTIONS = {
  poolSize: 2,
  acquireTimeoutMs: 60_000,
  transactionTimeoutMs: 600_000,
  statementTimeoutMs: 600_000,
};
const [models = 100, days = 250, rounds = 11] = process.argv.slice(2).map(Number);

const cluster = await startTestCluster();
try {
  await run();
} finally {
  await cluster.stop();
}

async function run(): Promise<void> {
  const client = new Client({ connectionString: cluster.templateUrl });
  await client.connect();
  const query = async <Row>(sql: string, values: readonly unknown[] = []) =>
    (await client.query(sql, [...values])).rows as Row[];
  const url = (role: 'tradegraph_server' | 'tradegraph_worker') =>
    roleUrl(cluster.templateUrl, role);
  const server = createDatabase({ ...OPTIONS, url: url('tradegraph_server') });
  const worker = createDatabase({ ...OPTIONS, url: url('tradegraph_worker') });
  const clock = createFixedClock(START);
  clock.advance((days + 1) * 86_400);
  const market = createRecordedMarket(
    {
      ...{ server, worker, query },
      ...{ ownerUrl: cluster.templateUrl, serverUrl: '', workerUrl: '' },
    },
    clock,
  );
  await addMarket(query);
  const owner = await market.addPerson();
  let computeMs = 0;
  for (let index = 0; index < models; index += 1) {
    const modelId = await market.addModel(owner, { name: `Model ${String(index)}` });
    const account = await market.openAt(owner, START, { modelId });
    await addTrades(query, { accountId: account.id, ownerId: owner.userId });
    const startedMs = performance.now();
    await market.computeEquity(account);
    computeMs += performance.now() - startedMs;
  }
  await query('VACUUM ANALYZE');
  await addWayOfBefore(query);

  const leaderboard = createLeaderboard({ db: server, clock });
  const ways: Record<string, () => Promise<unknown>> = {
    'floor: sum the points by the index': () => query('SELECT sum(equity) FROM equity_points'),
    'the function of before, as superuser': () =>
      query('SELECT * FROM leaderboard_of_before($1)', [clock.now()]),
    'leaderboard of all time': () => leaderboard.read(anonymousViewer()),
    'leaderboard of 30 days': () => leaderboard.read(anonymousViewer(), { window: 'DAYS_30' }),
  };
  const table = new Table({ head: ['', 'p50 ms', 'best'], style: { head: [] } });
  for (const [way, times] of await measure(ways)) {
    const sorted = times.toSorted((one, other) => one - other);
    const median = sorted[Math.floor(sorted.length / 2)] ?? NaN;
    table.push([way, median.toFixed(1), (sorted[0] ?? NaN).toFixed(1)]);
  }
  console.log(table.toString());
  console.log(
    `${models} models, ${days} sessions, ${TRADES} held; medians of ${rounds} rounds, in turns. ` +
      `Computing ${days} points of a model took ${(computeMs / models).toFixed(1)} ms.`,
  );
  await server.close();
  await worker.close();
  await client.end();
}

type Query = (sql: string, values?: readonly unknown[]) => Promise<unknown>;

async function addMarket(query: Query): Promise<void> {
  await query(
    `INSERT INTO instruments (id, symbol, name, asset_class, currency, zone, tick_size, lot_size,
       is_tradable, source, fee_bps, created_at)
     SELECT gen_random_uuid(), 'S' || n, 'S', 'STOCK', 'USD', 'America/New_York', 0.01, 1, false,
       'IMPORTED', 0, now() FROM generate_series(1, $1::int) AS n`,
    [INSTRUMENTS],
  );
  await query(
    `INSERT INTO bars (instrument_id, interval, open_time, known_at, close_time, open, high, low,
       close, volume, source)
     SELECT i.id, 'DAY_1', t, t + interval '6.5 hours', t + interval '6.5 hours', p, p, p, p, 1,
       'IMPORTED'
     FROM instruments i, generate_series(0, $1::int - 1) AS n,
       LATERAL (SELECT $2::timestamptz + n * interval '1 day' AS t,
         round(100 + 10 * random()::numeric, 4) AS p) AS s`,
    [days, START],
  );
}

/** As booked by nobody: what the bench reads of trades is their quantity, price, time and position. */
async function addTrades(
  query: Query,
  { accountId, ownerId }: { accountId: string; ownerId: string },
): Promise<void> {
  await query(
    `INSERT INTO trades (id, owner_id, account_id, instrument_id, import_key, source, side, quantity,
       price, fee, cash_amount, realized_gross, position_quantity, position_cost, position_realized,
       executed_at, recorded_at)
     SELECT gen_random_uuid(), $1, $2, i.id, 'line ' || i.symbol, 'IMPORTED', 'BUY', 1, 100, 0, -100,
       0, 1, 100, 0, $4::timestamptz + (i.place * $5 / $3) * interval '1 day', now()
     FROM (SELECT id, symbol, row_number() OVER (ORDER BY random()) AS place FROM instruments) AS i
     WHERE i.place < $3`,
    [ownerId, accountId, TRADES, START, days],
  );
  await query(
    `INSERT INTO positions (id, owner_id, account_id, instrument_id, quantity, total_cost,
       realized_pnl, opened_at, updated_at)
     SELECT gen_random_uuid(), owner_id, account_id, instrument_id, 1, 100, 0, executed_at,
       executed_at FROM trades WHERE account_id = $1`,
    [accountId],
  );
}

async function addWayOfBefore(query: Query): Promise<void> {
  const sql = await readFile('prisma/migrations/20261121030000_leaderboard/migration.sql', 'utf8');
  const [created = ''] = /CREATE FUNCTION leaderboard_equity[\s\S]*?\n\$\$;/.exec(sql) ?? [];
  await query(created.replace('leaderboard_equity', 'leaderboard_of_before'));
}

/** In turns, so that what else the machine does falls on all. */
async function measure(
  ways: Readonly<Record<string, () => Promise<unknown>>>,
): Promise<Map<string, number[]>> {
  const taken = new Map(Object.keys(ways).map((way) => [way, [] as number[]]));
  for (let round = 0; round < rounds; round += 1) {
    for (const [way, work] of Object.entries(ways)) {
      const startedMs = performance.now();
      await work();
      taken.get(way)?.push(performance.now() - startedMs);
    }
  }
  return taken;
}
