import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { systemViewer } from '../../../src/services/platform/viewer.ts';
import { auditLedger } from '../../../src/services/portfolio/ledger-audit.ts';
import { createTestDatabase } from '../../support/database.ts';
import { createExchange, summaryOf } from '../../support/exchange.ts';
import { createManualTime } from '../../support/manual-time.ts';
import { createTradingFloor, decimal } from '../../support/trading-floor.ts';
import type { Account, Instrument, Order } from '../../../src/services/platform/prisma/client.ts';

const database = await createTestDatabase();
const time = createManualTime(new Date('2026-03-02T15:00:00Z'));
const floor = createTradingFloor(database, time.clock);
const owner = await floor.addPerson();
// As long as it takes: a slow machine must not change what an answer says.
const orderPorts = { firstNewsMs: 60_000 };
const exchange = createExchange(database, floor, {
  engine: { timers: time.timers },
  orders: orderPorts,
});
const { engine, quote } = exchange;

let account: Account;
let acme: Instrument;
beforeEach(async () => {
  account = await floor.openAccount(owner, '10000');
  acme = await floor.addInstrument({ feeBps: decimal(10) });
  exchange.errors.splice(0);
  await engine.start();
});
afterEach(async () => {
  await engine.stop();
  const { checks } = await auditLedger(database.worker);
  expect(checks.filter(({ brokenCount }) => brokenCount > 0)).toEqual([]);
});

const PATIENT = { timeout: 20_000 };
const newest = (order: Order) => exchange.newest(owner, order);
const until = (order: Order, expected: readonly string[]) =>
  vi.waitFor(async () => expect(summaryOf(await newest(order))).toEqual(expected), PATIENT);
const tradesOf = async () =>
  (await floor.portfolios.trades(owner, {}, { accountId: account.id })).map(
    ({ side, quantity, price, fee, realizedGross }) =>
      [side, ...[quantity, price, fee, realizedGross].map((n) => n.toFixed())].join(' '),
  );
const buy = (quantity: string) => exchange.place(owner, account, { instrument: acme, quantity });

/** No try of its placement is still under way. */
const rested = (order: Order) => engine.accept(order);

/** As if no holder had been heard of for long; leases end by the clock of the database. */
const runOut = async (): Promise<void> => {
  await database.query(`UPDATE instrument_leases SET expires_at = now() - interval '1 s'`);
  await database.query(`UPDATE engine_workers SET expires_at = now() - interval '1 s'`);
};

describe('leases', () => {
  const leaseOf = async (instrument: Instrument) => {
    const [lease] = await database.worker.snapshot(systemViewer(), (tx) =>
      tx.instrumentLease.findMany({ where: { instrumentId: instrument.id } }),
    );
    return lease;
  };
  /** Another process takes over behind the engine's back, as after a long pause of this one. */
  const takeOver = () =>
    database.query(
      `WITH free AS (SELECT FROM instrument_leases WHERE instrument_id = $1 FOR UPDATE)
       UPDATE instrument_leases SET holder = $2, epoch = epoch + 1
       FROM free WHERE instrument_id = $1`,
      [acme.id, randomUUID()],
    );

  test('let another engine take over from one that is silent', async () => {
    await engine.stop();
    const never = { every: () => () => undefined, after: () => () => undefined };
    const silent = exchange.newEngine({ timers: never });
    await silent.start();
    const before = await leaseOf(acme);
    await engine.start();
    quote(acme, { askSize: '0' });
    const order = await buy('1');
    expect((await leaseOf(acme))?.holder).toBe(before?.holder);
    await runOut();
    await vi.waitFor(async () => {
      time.advance(2_000);
      expect((await leaseOf(acme))?.holder).not.toBe(before?.holder);
    }, PATIENT);
    quote(acme); // Both know the order, and both see the quote: it fills once.
    await silent.accept(order);
    await until(order, ['FILLED', '1', '0']);
    await silent.stop();
    expect(await tradesOf()).toHaveLength(1);
    expect(exchange.errors).toEqual([]);
  });

  test('that were taken over let the old holder write nothing', async () => {
    const old = await leaseOf(acme);
    quote(acme, { askSize: '0' });
    const order = await buy('5');
    await rested(order);
    await takeOver();
    quote(acme);
    const after = await engine.accept(order);
    expect(after).toBeUndefined();
    await engine.stop();
    expect(summaryOf(await newest(order))).toEqual(['ACCEPTED', '0', '530.78']);
    expect(await tradesOf()).toEqual([]);
    expect(exchange.errors).toEqual([]);
    // It stopped without touching what is not its own; when that runs out, it takes over again.
    expect((await leaseOf(acme))?.expiresAt).toEqual(old?.expiresAt);
    await runOut();
    quote(acme);
    await engine.start();
    await until(order, ['FILLED', '5', '0']);
    expect((await leaseOf(acme))?.epoch).toBe((old?.epoch ?? 0n) + 2n);
  });

  test('that came back to their holder let nothing be written under the epoch of before', async () => {
    quote(acme, { askSize: '0' });
    const order = await buy('5');
    await rested(order);
    // Taken over and taken back between two renewals of this holder.
    await database.query(
      'UPDATE instrument_leases SET epoch = epoch + 2 WHERE instrument_id = $1',
      [acme.id],
    );
    quote(acme);
    await engine.accept(order);
    expect(await tradesOf()).toEqual([]);
    // The next renewal tells the new epoch, and under that it is filled.
    await vi.waitFor(async () => {
      time.advance(2_000);
      quote(acme);
      expect(summaryOf(await newest(order))).toEqual(['FILLED', '5', '0']);
    }, PATIENT);
    expect(await tradesOf()).toHaveLength(1);
  });

  const atHundred = { quantity: '5', type: 'LIMIT', limitPrice: decimal('100') } as const;
  const inASecond = () => new Date(time.clock.now().getTime() + 1_000);
  test.each([
    {
      // 5 × 100 and a fee of 0.50.
      ...{ by: 'expire one whose time is over', ask: '101', left: '500.5', end: 'EXPIRED' },
      terms: () => ({ ...atHundred, timeInForce: 'GTD', expiresAt: inASecond() }) as const,
    },
    {
      ...{ by: 'cancel one that fills at once or not', ask: '101', left: '500.5', end: 'CANCELED' },
      terms: () => ({ ...atHundred, timeInForce: 'IOC' }) as const,
    },
    {
      // 90 × 101 × 1.05 = 9,544.50, and a fee of 9.54; 90 × 200 is more than there is.
      ...{ by: 'reject one that is too dear', ask: '200', left: '9554.04', end: 'REJECTED' },
      terms: () => ({ quantity: '90' }) as const,
    },
  ])('that were taken over do not let the old holder $by', async (line) => {
    quote(acme, { askSize: '0' });
    if (line.end === 'CANCELED') await takeOver();
    const order = await exchange.place(owner, account, { instrument: acme, ...line.terms() });
    if (line.end !== 'CANCELED') await takeOver();
    // Less than it takes to the next renewal, which would tell of it.
    time.advance(1_000);
    quote(acme, { ask: line.ask });
    await engine.stop();
    expect(summaryOf(await newest(order))).toEqual(['ACCEPTED', '0', line.left]);
    const [row] = await floor.portfolios.list(owner, { where: { id: account.id } });
    expect(row?.reserved.toFixed()).toBe(line.left);
    expect(exchange.errors).toEqual([]);
    time.advance(20_000);
    await runOut();
    quote(acme, { ask: line.ask });
    await engine.start();
    await until(order, [line.end, '0', '0']);
  });

  test('that change hands while a fill goes on undo the fill', async () => {
    quote(acme, { askSize: '0' });
    const order = await buy('5');
    // Held back before the commit: the fill does all of its work, and then waits for the lease.
    await database.query('BEGIN');
    await takeOver();
    quote(acme);
    await vi.waitFor(async () => {
      const waiting = `SELECT 1 FROM pg_locks WHERE NOT granted`;
      expect(await database.query(waiting)).not.toEqual([]);
    }, PATIENT);
    await database.query('COMMIT');
    await engine.stop();
    expect(summaryOf(await newest(order))).toEqual(['ACCEPTED', '0', '530.78']);
    expect(await tradesOf()).toEqual([]);
    expect(exchange.errors).toEqual([]);
  });

  test('of instruments that appear later are picked up', async () => {
    const late = await floor.addInstrument();
    quote(late);
    const order = await exchange.place(owner, account, { instrument: late, quantity: '5' });
    expect(order.status).toBe('ACCEPTED');
    time.advance(2_000);
    await until(order, ['FILLED', '5', '0']);
  });

  test('are given back by an engine that stops, so that the next need not wait', async () => {
    await engine.stop();
    quote(acme);
    const order = await buy('5');
    const next = exchange.newEngine();
    await next.start();
    await until(order, ['FILLED', '5', '0']);
    await next.stop();
  });
});

describe('instruments of several engines', () => {
  // Of holders of the tests before, none is left.
  beforeEach(runOut);

  const sharesOf = async (): Promise<number[]> => {
    const rows = await database.query<{ count: number }>(
      `SELECT count(*)::int FROM instrument_leases WHERE expires_at > now() GROUP BY holder`,
    );
    return rows.map(({ count }) => count).sort((one, other) => one - other);
  };

  test('are shared out evenly when one comes, and when one goes', async () => {
    for (let count = 0; count < 5; count += 1) await floor.addInstrument();
    const total = Number(
      (await database.query<{ n: string }>('SELECT count(*) AS n FROM instruments'))[0]?.n,
    );
    const even = (engines: number) => {
      const low = Math.floor(total / engines);
      const more = total % engines;
      return Array.from({ length: engines }, (_, index) => low + (index >= engines - more ? 1 : 0));
    };
    const others = [0, 1].map(() => exchange.newEngine({ timers: time.timers }));
    for (const other of others) await other.start();
    await vi.waitFor(async () => {
      time.advance(1_500);
      expect(await sharesOf()).toEqual(even(3));
    }, PATIENT);
    await others[0]?.stop();
    await vi.waitFor(async () => {
      time.advance(1_500);
      expect(await sharesOf()).toEqual(even(2));
    }, PATIENT);
    await others[1]?.stop();
    await vi.waitFor(async () => {
      time.advance(1_500);
      expect(await sharesOf()).toEqual(even(1));
    }, PATIENT);
  });

  test('get a higher epoch with each holder', async () => {
    const before = await database.query<{ id: string; epoch: string; holder: string }>(
      'SELECT instrument_id AS id, epoch, holder FROM instrument_leases',
    );
    const other = exchange.newEngine({ timers: time.timers });
    await other.start();
    await vi.waitFor(async () => {
      time.advance(1_500);
      expect(await sharesOf()).toHaveLength(2);
    }, PATIENT);
    await other.stop();
    const after = await database.query<{ id: string; epoch: string; holder: string }>(
      'SELECT instrument_id AS id, epoch, holder FROM instrument_leases',
    );
    const epochs = new Map(before.map((row) => [row.id, row]));
    for (const { id, holder, epoch } of after) {
      const old = epochs.get(id);
      const raised = Number(epoch) - Number(old?.epoch);
      expect(raised).toBeGreaterThanOrEqual(holder === old?.holder ? 0 : 1);
    }
    const moved = after.filter(({ id, holder }) => holder !== epochs.get(id)?.holder);
    expect(moved.length).toBeGreaterThan(0);
  });
});

describe('orders that the engine was not told of', () => {
  const untold = createExchange(database, floor, {
    orders: { ...orderPorts, quotes: exchange.quotes, onAccepted: async () => undefined },
  });

  test('are found at the next renewal', async () => {
    quote(acme);
    const order = await untold.place(owner, account, { instrument: acme, quantity: '5' });
    expect(order.status).toBe('ACCEPTED');
    time.advance(2_000);
    await until(order, ['FILLED', '5', '0']);
  });

  test('are found at the start, however old they are', async () => {
    await engine.stop();
    quote(acme);
    const order = await untold.place(owner, account, { instrument: acme, quantity: '5' });
    time.advance(24 * 3_600_000);
    quote(acme);
    await engine.start();
    await until(order, ['FILLED', '5', '0']);
  });
});
