/**
 * What a quote costs the paper engine with 10,000 limit orders resting over 200 instruments, when it
 * reaches none of them; and how long 1,000 fills take that quotes set off. The floor of the first is a
 * quote to an instrument without orders; of the second, as many transactions of one insert.
 *
 *     node bench/ticks.ts [quotes] [fills]
 */
import Table from 'cli-table3';
import { randomUUID } from 'node:crypto';
import { Pool } from 'pg';
import type { Account, Instrument } from '../src/services/platform/prisma/client.ts';
import { createDatabase } from '../src/services/platform/database.ts';
import { roleUrl } from '../src/services/platform/migrations/roles.ts';
import { createExchange } from '../tests/support/exchange.ts';
import { startTestCluster } from '../tests/support/test-cluster.ts';
import { createTradingFloor } from '../tests/support/trading-floor.ts';

const INSTRUMENTS = 200;
const ORDERS = 10_000;
const ACCOUNTS = 100;
const [quotes = 200_000, fills = 1_000] = process.argv.slice(2).map(Number);
const OPTIONS = {
  poolSize: 10,
  acquireTimeoutMs: 60_000,
  transactionTimeoutMs: 60_000,
  statementTimeoutMs: 60_000,
};

const cluster = await startTestCluster();
try {
  await run();
} finally {
  await cluster.stop();
}

async function run(): Promise<void> {
  const pool = new Pool({ connectionString: cluster.templateUrl, max: 4 });
  pool.on('error', () => undefined);
  const query = async <Row>(sql: string, values: readonly unknown[] = []) =>
    (await pool.query(sql, [...values])).rows as Row[];
  const open = (role: 'tradegraph_server' | 'tradegraph_worker') =>
    createDatabase({ ...OPTIONS, url: roleUrl(cluster.templateUrl, role) });
  const [server, worker] = [open('tradegraph_server'), open('tradegraph_worker')];
  const floor = createTradingFloor({ server, worker, query });
  const exchange = createExchange({ server, worker }, floor);
  const owner = await floor.addPerson();
  const accounts: Account[] = [];
  for (let index = 0; index < ACCOUNTS; index += 1) {
    accounts.push(await floor.openAccount(owner, '100000000'));
  }
  const instruments: Instrument[] = [];
  for (let index = 0; index < INSTRUMENTS; index += 1) {
    instruments.push(await floor.addInstrument());
  }
  const bare = await floor.addInstrument();
  await placeResting(query, { ownerId: owner.userId, accounts, instruments });
  await exchange.engine.start();

  const tick = await quoteCost(exchange, instruments);
  const empty = await quoteCost(exchange, [bare]);
  const table = new Table({ head: ['', 'this', 'floor'] });
  table.push([
    'quote that reaches none of 10,000 orders (µs, median)',
    tick.toFixed(2),
    empty.toFixed(2),
  ]);
  const floorMs = await insertMs(query);
  const filledMs = await fillMs(exchange, query, instruments);
  table.push([`${String(fills)} fills (ms)`, filledMs.toFixed(0), floorMs.toFixed(0)]);
  process.stdout.write(`${table.toString()}\n`);
  if (exchange.errors.length > 0) throw new Error(JSON.stringify(exchange.errors[0]));
  await exchange.engine.stop();
  await Promise.all([server.close(), worker.close(), pool.end()]);
}

type Exchange = ReturnType<typeof createExchange>;
type Query = <Row>(sql: string, values?: readonly unknown[]) => Promise<Row[]>;

/** Resting limits below the market, from 50 to 98 and a half, accepted as placing them leaves them. */
async function placeResting(
  query: Query,
  given: {
    readonly ownerId: string;
    readonly accounts: readonly Account[];
    readonly instruments: readonly Instrument[];
  },
): Promise<void> {
  await query(
    `WITH placed AS (
       INSERT INTO orders (id, owner_id, account_id, instrument_id, client_order_id, side, type,
         time_in_force, quantity, limit_price, status, filled_quantity, filled_notional, reserved,
         version, created_at, updated_at)
       SELECT gen_random_uuid(), $1, ($2::uuid[])[1 + n % $3], ($4::uuid[])[1 + n % $5], n::text, 'BUY',
         'LIMIT', 'GTC', 1, 50 + (n / $5) * 0.97, 'ACCEPTED', 0, 0, 50 + (n / $5) * 0.97, 3,
         now() + n * interval '1 microsecond', now()
       FROM generate_series(0, $6 - 1) n RETURNING id)
     INSERT INTO order_events (order_id, sequence, owner_id, from_status, to_status, occurred_at,
       recorded_at)
     SELECT id, step, $1, before::order_status, after::order_status, now(), now() FROM placed,
       (VALUES (1, NULL, 'PENDING'), (2, 'PENDING', 'SUBMITTED'), (3, 'SUBMITTED', 'ACCEPTED'))
         AS steps (step, before, after)`,
    [
      given.ownerId,
      given.accounts.map(({ id }) => id),
      given.accounts.length,
      given.instruments.map(({ id }) => id),
      given.instruments.length,
      ORDERS,
    ],
  );
  await query(
    `UPDATE accounts a SET reserved =
       (SELECT coalesce(sum(reserved), 0) FROM orders o WHERE o.account_id = a.id)`,
  );
}

/** Microseconds of one quote until the engine has nothing to do with it, in the median of 100 rounds. */
async function quoteCost(exchange: Exchange, instruments: readonly Instrument[]): Promise<number> {
  const ROUNDS = 100;
  const each = Math.ceil(quotes / ROUNDS);
  const rounds: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const start = process.hrtime.bigint();
    for (let index = 0; index < each; index += 1) {
      const instrument = instruments[index % instruments.length];
      if (instrument) exchange.quote(instrument);
      // The engine's pass over the orders of the instrument ends in later turns of the same tick.
      await Promise.resolve();
      await Promise.resolve();
      await Promise.resolve();
    }
    rounds.push(Number(process.hrtime.bigint() - start) / 1_000 / each);
  }
  return rounds.sort((a, b) => a - b)[ROUNDS / 2] ?? 0;
}

/** Until the quotes that reach them have filled so many orders. */
async function fillMs(
  exchange: Exchange,
  query: Query,
  instruments: readonly Instrument[],
): Promise<number> {
  const start = performance.now();
  for (let round = 0; ; round += 1) {
    // Five orders of each instrument have a limit of 50 + 45 × 0.97 or more. The same offer again only
    // keeps the quote fresh, every second.
    for (const instrument of round % 100 === 0 ? instruments : []) {
      exchange.quote(instrument, { bid: '93', ask: '93.65', askSize: String(fills / INSTRUMENTS) });
    }
    const [row] = await query<{ count: number }>(
      `SELECT count(*)::int AS count FROM orders WHERE status = 'FILLED'`,
    );
    if (Number(row?.count) >= fills) return performance.now() - start;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** As many transactions with one insert each, four at once. */
async function insertMs(query: Query): Promise<number> {
  await query('CREATE TABLE bench_floor (id uuid PRIMARY KEY, body jsonb)');
  const start = performance.now();
  let left = fills;
  const work = async (): Promise<void> => {
    for (; left > 0; left -= 1) {
      await query('INSERT INTO bench_floor VALUES ($1, $2)', [randomUUID(), '{"a": 1}']);
    }
  };
  await Promise.all([work(), work(), work(), work()]);
  return performance.now() - start;
}
