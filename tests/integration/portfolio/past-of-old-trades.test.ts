import { Client } from 'pg';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { migrate, readMigrations } from '../../../src/services/platform/migrations/migrate.ts';
import { MIGRATIONS_FOLDER } from '../../../src/services/platform/project-root.ts';
import { createRandom } from '../../../src/services/platform/random.ts';
import { systemViewer } from '../../../src/services/platform/viewer.ts';
import { createTestDatabase } from '../../support/database.ts';
import { databaseUrl } from '../../support/database-url.ts';
import { createTradingFloor, decimal } from '../../support/trading-floor.ts';

const HISTORY = '20261121141034_history';
const TRADES = 400;
const NAME = `past_${String(process.pid)}`;

const database = await createTestDatabase();
const floor = createTradingFloor(database);
const url = databaseUrl(inject('clusterUrl'), NAME);
const cluster = new Client({ connectionString: inject('clusterUrl') });
const old = new Client({ connectionString: url });

beforeAll(async () => {
  await cluster.connect();
  await cluster.query(`CREATE DATABASE ${NAME}`);
  const migrations = await readMigrations(MIGRATIONS_FOLDER);
  await migrate(
    url,
    migrations.filter(({ name }) => name < HISTORY),
  );
  await old.connect();
});
afterAll(async () => {
  await old.end();
  await cluster.query(`DROP DATABASE ${NAME} WITH (FORCE)`);
  await cluster.end();
});

/** Trades that open, add to, reduce, close, cross zero and open again, many of them at one time. */
async function bookAtRandom(): Promise<void> {
  const random = createRandom(7);
  const below = (limit: number): number => Math.floor(random.next() * limit);
  const owner = await floor.addPerson();
  const accounts = [
    await floor.openAccount(owner, '1000000'),
    await floor.openAccount(owner, '1000000'),
  ];
  const instruments = [await floor.addInstrument(), await floor.addInstrument()];
  const held = new Map<string, number>();
  let timeMs = Date.parse('2025-10-01T13:30:00Z');
  await database.worker.withViewer(systemViewer(), async (tx) => {
    for (let count = 0; count < TRADES; count += 1) {
      const [account, instrument] = [accounts[below(2)], instruments[below(2)]];
      if (!account || !instrument) throw new Error('There are two of each.');
      const pair = account.id + instrument.id;
      const target = below(7) - 3;
      const change = target - (held.get(pair) ?? 0);
      if (change === 0) continue;
      held.set(pair, target);
      timeMs += below(2) * 60_000;
      const quantity = decimal(Math.abs(change)).times('0.1458');
      const free = below(10) === 0 ? { cashAmount: decimal(0) } : {};
      await floor.booking.bookTrade(tx, {
        ...{ account, instrument, quantity, ...free },
        side: change > 0 ? 'BUY' : 'SELL',
        price: decimal(1 + below(99_999)).dividedBy(1_000),
        fee: decimal(below(3)).dividedBy(100),
        source: 'PAPER',
        executedAt: new Date(timeMs),
        isAnnounced: false,
      });
    }
  });
}

/** The rows of a table with the columns that the older table has. */
async function copy(table: string): Promise<void> {
  const [found] = await database.query<{ rows: unknown }>(
    `SELECT jsonb_agg(to_jsonb(t)) AS rows FROM ${table} t`,
  );
  await old.query(
    `INSERT INTO ${table} SELECT * FROM jsonb_populate_recordset(NULL::${table}, $1::jsonb)`,
    [JSON.stringify(found?.rows)],
  );
}

test('trades that were there before get the position that booking them now would keep', async () => {
  await bookAtRandom();
  for (const table of ['users', 'instruments', 'accounts', 'trades']) await copy(table);
  await migrate(url, await readMigrations(MIGRATIONS_FOLDER));

  const past = `SELECT id, position_quantity::text, position_cost::text, position_realized::text,
    flags::text FROM trades ORDER BY id`;
  const { rows } = await old.query<Record<string, unknown>>(past);
  expect(rows).toEqual(await database.query(past));
  // Not a test of nothing: positions closed, went short and crossed zero.
  const [ways] = await database.query(
    `SELECT bool_or(position_quantity = 0) AS closed, bool_or(position_quantity < 0) AS short,
       bool_or(position_realized = 0 AND realized_gross <> 0) AS crossed FROM trades`,
  );
  expect(ways).toEqual({ closed: true, short: true, crossed: true });
  // The walls that the migration opened for it are closed again.
  await expect(old.query('UPDATE trades SET fee = 1')).rejects.toThrow(/append-only/);
  const { rows: walls } = await old.query<Record<string, unknown>>(
    `SELECT relrowsecurity, relforcerowsecurity FROM pg_class WHERE oid = 'trades'::regclass`,
  );
  expect(walls).toEqual([{ relrowsecurity: true, relforcerowsecurity: true }]);
});
