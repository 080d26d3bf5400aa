import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import type { Database } from '../../../src/services/platform/database.ts';
import type { Account, Instrument, Order } from '../../../src/services/platform/prisma/client.ts';
import { auditLedger } from '../../../src/services/portfolio/ledger-audit.ts';
import { createTestDatabase } from '../../support/database.ts';
import { createExchange, summaryOf } from '../../support/exchange.ts';
import { createManualTime } from '../../support/manual-time.ts';
import { createTradingFloor, decimal } from '../../support/trading-floor.ts';

/*
 * The connection fails after PostgreSQL has committed and before it could say so: what was stored is stored,
 * and whoever asked for it hears of an error.
 */
const database = await createTestDatabase();
const time = createManualTime(new Date('2026-03-02T15:00:00Z'));
const floor = createTradingFloor(database, time.clock);
const owner = await floor.addPerson();
const lose = { isNext: false };

async function answer<T>(committed: Promise<T>): Promise<T> {
  const result = await committed;
  if (!lose.isNext) return result;
  lose.isNext = false;
  throw new Error('Connection terminated unexpectedly');
}
const worker: Database = {
  ...database.worker,
  pipeline: (viewer, work) => answer(database.worker.pipeline(viewer, work)),
  handedPipelines: (parts) => answer(database.worker.handedPipelines(parts)),
};
const exchange = createExchange({ server: database.server, worker }, floor, {
  engine: { timers: time.timers },
  orders: { firstNewsMs: 60_000 },
});

let account: Account;
let acme: Instrument;
beforeAll(() => exchange.engine.start());
afterAll(async () => {
  await exchange.engine.stop();
  const { checks } = await auditLedger(database.worker);
  expect(checks.filter(({ brokenCount }) => brokenCount > 0)).toEqual([]);
});
beforeEach(async () => {
  account = await floor.openAccount(owner, '10000');
  acme = await floor.addInstrument();
  exchange.quote(acme);
  // Until its desk is open and has seen all of its orders, so that the next one is filled while it is placed.
  await vi.waitFor(() => {
    exchange.engine.renewSoon();
    const terms = { symbol: acme.symbol, orderClass: 'SIMPLE', side: 'BUY', type: 'MARKET' };
    const order = terms as Parameters<typeof exchange.engine.directDesk>[0];
    expect(exchange.engine.directDesk(order)).toBeDefined();
  }, PATIENT);
});

const PATIENT = { timeout: 20_000 };
const quote = (numbers: Parameters<typeof exchange.quote>[1]) => {
  exchange.quote(acme, numbers);
};
const newest = (order: Pick<Order, 'id'>) => exchange.newest(owner, order);
/** Until the fill that is lost was told as an error. */
const lost = () =>
  vi.waitFor(() => expect(exchange.errors.splice(0)).toHaveLength(1), {
    ...PATIENT,
    interval: 5,
  });
const tenAt95 = { ask: '95', bid: '94', askSize: '10' };
const buyAt95 = { type: 'LIMIT', limitPrice: decimal('95') } as const;
const buyOf = async (quantity: string) =>
  exchange.place(owner, await floor.openAccount(owner, '10000'), { instrument: acme, quantity });

test('legs guard what was filled, also when the price is gone before the desk hears of it', async () => {
  quote({});
  const entry = await exchange.place(owner, account, {
    ...{ instrument: acme, quantity: '10', orderClass: 'BRACKET', ...buyAt95 },
    takeProfit: { limitPrice: decimal('110') },
    stopLoss: { stopPrice: decimal('90') },
  });
  // So old that no renewal looks for it any more.
  await database.query(
    `UPDATE orders SET created_at = created_at - interval '1 hour' WHERE account_id = $1`,
    [account.id],
  );
  lose.isNext = true;
  quote(tenAt95);
  await lost();
  expect(summaryOf(await newest(entry))).toEqual(['FILLED', '10', '0']);
  // The entry is out of reach, and no leg is in reach.
  quote({ bid: '99', ask: '101' });
  await vi.waitFor(async () => {
    time.advance(1_000);
    quote({ bid: '80', ask: '96' });
    const where = { groupId: String(entry.groupId), leg: 'STOP_LOSS' } as const;
    const [stopLoss] = await exchange.orders.list(owner, { where }, {});
    expect(stopLoss?.status).toBe('FILLED');
  }, PATIENT);
});

test('what a fill took is not offered to others', async () => {
  quote({});
  const order = await exchange.place(owner, account, {
    ...{ instrument: acme, quantity: '10', ...buyAt95 },
  });
  lose.isNext = true;
  quote(tenAt95);
  await lost();
  time.advance(1_000);
  expect(summaryOf(await buyOf('4')).slice(0, 2)).toEqual(['ACCEPTED', '0']);
  expect(summaryOf(await newest(order))).toEqual(['FILLED', '10', '0']);
});

test('an order that was filled in part waits with its rest for the next offer', async () => {
  quote({});
  const order = await exchange.place(owner, account, {
    ...{ instrument: acme, quantity: '15', ...buyAt95 },
  });
  lose.isNext = true;
  quote(tenAt95);
  await lost();
  time.advance(1_000);
  expect(summaryOf(await buyOf('4')).slice(0, 2)).toEqual(['ACCEPTED', '0']);
  expect((await newest(order)).filledQuantity.toFixed()).toBe('10');
  quote({ ...tenAt95, askSize: '20' });
  await vi.waitFor(async () => expect((await newest(order)).status).toBe('FILLED'), PATIENT);
});

test('an order that was filled in part while it was placed is found, and nothing is filled twice', async () => {
  quote(tenAt95);
  lose.isNext = true;
  const clientOrderId = randomUUID();
  const place = () =>
    exchange.place(owner, account, { instrument: acme, quantity: '15', clientOrderId });
  await expect(place()).rejects.toThrow('Connection terminated');
  const order = await place();
  expect(summaryOf(order).slice(0, 2)).toEqual(['PARTIALLY_FILLED', '10']);
  expect(summaryOf(await buyOf('4')).slice(0, 2)).toEqual(['ACCEPTED', '0']);
  await vi.waitFor(async () => {
    time.advance(1_500);
    quote({ ...tenAt95, askSize: '20' });
    expect(summaryOf(await newest(order))).toEqual(['FILLED', '15', '0']);
  }, PATIENT);
});
