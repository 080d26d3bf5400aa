import { once } from 'node:events';
import { expect, test } from 'vitest';
import { createTestDatabase } from '../support/database.ts';
import { until } from '../support/until.ts';
import { look, setScene, start, workOff, type Memory } from './kill-engine/kill-rounds.ts';

/** The long form: `RACES=20000 npm test -- tests/e2e/race-engines.test.ts`. */
const RACES = Number(process.env['RACES'] ?? 1_000);
const TIMEOUT_MS = 120_000 + RACES * 250;

const database = await createTestDatabase();

/*
 * Two processes, each with its clients, its ticks and its engine, on three accounts and six instruments
 * of one database: orders are placed while ticks of both processes reach the same instruments, some are
 * canceled, replaced, or both in one moment, while they fill, and each process finds orders that the other
 * one accepted. All types of orders are among them, alone and in groups.
 */
test(
  `${String(RACES)} orders race ticks over two engines: none is lost, none filled twice`,
  async () => {
    const { ownerUrl, query } = database;
    const memory: Memory = { unanswered: new Map(), answers: new Map(), problems: [] };
    const scene = await setScene(database, ownerUrl);
    const orders = { ...scene, unanswered: [], isTrading: true };
    const engines = [1, 2].map((seed) => start({ ...orders, seed }, memory));
    const ended = engines.map((engine) => once(engine, 'close'));
    await until('all are answered', () => memory.answers.size >= RACES, TIMEOUT_MS);
    for (const engine of engines) engine.send(orders);
    const codes = (await Promise.all(ended)).map(([code]) => code as number | null);
    await workOff({ ...scene, seed: 3, unanswered: [], isTrading: false }, { memory, query });
    await look(database.worker, query, memory);

    expect([codes, memory.problems]).toEqual([[0, 0], []]);
    const [counts] = await query<Record<string, number>>(
      `SELECT (SELECT count(*)::int FROM orders) AS orders,
      (SELECT count(DISTINCT holder)::int FROM instrument_leases WHERE epoch > 1) AS movers,
      (SELECT count(*)::int FROM orders WHERE filled_quantity > quantity) AS overfilled,
      (SELECT count(*)::int FROM orders WHERE status NOT IN
        ('FILLED', 'CANCELED', 'REJECTED', 'REPLACED', 'DENIED')) AS left,
      (SELECT count(*)::int FROM orders WHERE status = 'REPLACED') AS replaced,
      (SELECT count(DISTINCT (order_class, type, time_in_force))::int FROM orders
        WHERE filled_quantity > 0 AND coalesce(leg, 'ENTRY') = 'ENTRY') AS kinds,
      (SELECT deadlocks::int FROM pg_stat_database WHERE datname = current_database()) AS deadlocks`,
    );
    expect(counts).toMatchObject({ overfilled: 0, left: 0, deadlocks: 0 });
    expect(counts?.['orders']).toBeGreaterThanOrEqual(RACES);
    // Some orders were replaced before they were filled, and every kind was filled.
    expect(counts?.['replaced']).toBeGreaterThan(0);
    expect(counts?.['kinds']).toBeGreaterThan(4);
    process.stdout.write(`${JSON.stringify(counts)}\n`);
    // Both had instruments of their own, and the last process took them over.
    expect(counts?.['movers']).toBeGreaterThan(0);
  },
  TIMEOUT_MS + 300_000,
);
