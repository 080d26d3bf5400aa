/**
 * How long a curve of 100,000 stored points thinned to 500 takes at the service, with nothing of ours
 * kept from one to the next; beside a floor, a bare scan of the same rows by their index, and beside
 * rows one by one. Among the points of four other accounts, before and after a vacuum.
 *
 *     node bench/curve.ts [points] [rounds]
 */
import Table from 'cli-table3';
import { Client } from 'pg';
import { createEquityCurves } from '../src/services/performance/equity-curve.ts';
import { systemClock } from '../src/services/platform/clock.ts';
import { createDatabase } from '../src/services/platform/database.ts';
import { roleUrl } from '../src/services/platform/migrations/roles.ts';
import { anonymousViewer, userViewer } from '../src/services/platform/viewer.ts';
import { createRecordedMarket } from '../tests/support/recorded-market.ts';
import { startTestCluster } from '../tests/support/test-cluster.ts';

const ACCOUNTS = 5;
const PICKED = 500;
const OPTIONS = {
  poolSize: 2,
  acquireTimeoutMs: 60_000,
  transactionTimeoutMs: 60_000,
  statementTimeoutMs: 60_000,
};
const [points = 100_000, rounds = 21] = process.argv.slice(2).map(Number);
const START = '2026-01-01T00:00:00Z';

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
  const market = createRecordedMarket({
    ...{ server, worker, query },
    ...{ ownerUrl: cluster.templateUrl, serverUrl: '', workerUrl: '' },
  });
  const owner = await market.addPerson();
  const modelId = await market.addModel(owner);
  const accounts = [];
  for (let index = 0; index < ACCOUNTS; index += 1) {
    const given = index === 0 ? { modelId } : {};
    accounts.push((await market.openAt(owner, START, given)).id);
  }
  const [accountId = ''] = accounts;
  await addBenchmark(query);
  // As the recorder writes them: all accounts at one time, then all at the next.
  await query(
    `INSERT INTO equity_points (account_id, at, owner_id, cash, cost, equity, oldest_mark_at)
     SELECT a, t, $2, 5000 + n % 1000 + 0.37, 5000, round(10000 + 500 * sin(n / 900.0)::numeric
       + 20 * random()::numeric, 6), t
     FROM generate_series(1, $3::int) AS n, unnest($1::uuid[]) AS a,
       LATERAL (SELECT $4::timestamptz + n * interval '1 minute' AS t) AS s`,
    [accounts, owner.userId, points, START],
  );

  const curves = createEquityCurves({ db: server, clock: systemClock });
  const asked = { from: new Date(START), points: PICKED };
  const as = { own: () => userViewer(owner), anyone: () => anonymousViewer() };
  const ways: Record<string, () => Promise<unknown>> = {
    'floor: count the rows by the index': () =>
      query('SELECT count(at) FROM equity_points WHERE account_id = $1 AND at >= $2', [
        ...[accountId, START],
      ]),
    'rows one by one, by pg': () =>
      query('SELECT at, equity FROM equity_points WHERE account_id = $1 AND at >= $2', [
        ...[accountId, START],
      ]),
    'curve of one’s own account': () => curves.read(as.own(), { ...asked, accountId }),
    'curve of a public model': () => curves.read(as.anyone(), { ...asked, modelId }),
    'curve with a benchmark of days': () =>
      curves.read(as.own(), { ...asked, accountId, benchmark: 'QQQ' }),
  };
  const before = await measure(ways);
  await query('VACUUM ANALYZE equity_points');
  const after = await measure(ways);
  const table = new Table({
    head: ['', 'p50 ms', 'best', 'p50 ms, vacuumed', 'best'],
    style: { head: [] },
  });
  for (const way of Object.keys(ways)) {
    table.push([way, ...(before.get(way) ?? []), ...(after.get(way) ?? [])]);
  }
  console.log(table.toString());
  console.log(`${points} points to ${PICKED}, medians of ${rounds} rounds, in turns.`);
  await server.close();
  await worker.close();
  await client.end();
}

async function addBenchmark(query: (sql: string) => Promise<unknown>): Promise<void> {
  await query(
    `INSERT INTO instruments (id, symbol, name, asset_class, currency, zone, tick_size, lot_size,
       is_tradable, source, fee_bps, created_at)
     VALUES (gen_random_uuid(), 'QQQ', 'QQQ', 'ETF', 'USD', 'America/New_York', 0.01, 1, false,
       'IMPORTED', 0, now())`,
  );
  await query(
    `INSERT INTO bars (instrument_id, interval, open_time, known_at, close_time, open, high, low,
       close, volume, source)
     SELECT i.id, 'DAY_1', t, t + interval '7 hours', t + interval '7 hours', 500, 500 + n, 500,
       500 + n, 1, 'IMPORTED'
     FROM instruments i, generate_series(1, 70) AS n,
       LATERAL (SELECT timestamptz '2026-01-01T14:00:00Z' + n * interval '1 day' AS t) AS s
     WHERE i.symbol = 'QQQ'`,
  );
}

/** In turns, so that what else the machine does falls on all. */
async function measure(
  ways: Readonly<Record<string, () => Promise<unknown>>>,
): Promise<Map<string, string[]>> {
  const taken = new Map(Object.keys(ways).map((way) => [way, [] as number[]]));
  for (let round = 0; round < rounds; round += 1) {
    for (const [way, work] of Object.entries(ways)) {
      const startedMs = performance.now();
      await work();
      taken.get(way)?.push(performance.now() - startedMs);
    }
  }
  return new Map(
    [...taken].map(([way, times]) => {
      const sorted = times.toSorted((one, other) => one - other);
      const median = sorted[Math.floor(sorted.length / 2)] ?? NaN;
      return [way, [median.toFixed(1), (sorted[0] ?? NaN).toFixed(1)]];
    }),
  );
}
