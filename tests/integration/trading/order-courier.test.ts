import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createQuoteBook } from '../../../src/services/market/quote-book.ts';
import { createQuoteRelay } from '../../../src/services/market/quote-relay.ts';
import { systemTimers } from '../../../src/services/platform/timers.ts';
import { createOrderCourier } from '../../../src/services/trading/order-courier.ts';
import { createOrderInbox } from '../../../src/services/trading/order-inbox.ts';
import { createTestDatabase } from '../../support/database.ts';
import { createExchange, summaryOf } from '../../support/exchange.ts';
import { redisUrlForTests } from '../../support/redis.ts';
import { createRedisHouse } from '../../support/redis-house.ts';
import { createSilentLogger } from '../../support/silent-logger.ts';
import { createTradingFloor, decimal } from '../../support/trading-floor.ts';

/*
 * An API process and a worker, as two of everything that a process has of its own: they share the
 * database and Redis alone. No renewal comes to help: the leases are renewed once an hour.
 */
const HOUR_MS = 3_600_000;
const PATIENT = { timeout: 20_000 };
const database = await createTestDatabase();
const floor = createTradingFloor(database);
const owner = await floor.addPerson();
const acme = await floor.addInstrument();
const redis = createRedisHouse(await redisUrlForTests());
const common = { ids: floor.ids, timers: systemTimers, isAlone: false };

const { bus: workerBus } = await redis.openBus();
const worker = createExchange(database, floor, { engine: { renewMs: HOUR_MS, leaseMs: HOUR_MS } });
const inbox = createOrderInbox({ bus: workerBus, engine: worker.engine });

const { bus: apiBus } = await redis.openBus();
const courier = createOrderCourier({ ...common, bus: apiBus, engine: undefined });
const quotes = createQuoteBook();
const api = createExchange(database, floor, {
  orders: {
    ...{ quotes, onAccepted: courier.accept, onCanceled: courier.drop },
    firstNewsMs: 20_000,
  },
});
const logger = createSilentLogger();
const relays = [
  createQuoteRelay({ ...common, logger, bus: workerBus, quotes: worker.quotes }),
  createQuoteRelay({ ...common, logger, bus: apiBus, quotes }),
];

beforeAll(async () => {
  for (const relay of relays) await relay.start();
  await courier.start();
  await inbox.start();
  await worker.engine.start();
});
afterAll(async () => {
  await worker.engine.stop();
  await inbox.stop();
  await courier.stop();
  for (const relay of relays) await relay.stop();
});

const toldOf = async (ask: string) => {
  worker.quote(acme, { ask });
  await vi.waitFor(() => expect(quotes.latest(acme.id)?.ask.toFixed()).toBe(ask), PATIENT);
};

describe('quotes of a feed in one process', () => {
  test('reach the books of others, as they were', async () => {
    await toldOf('101');
    expect(quotes.latest(acme.id)).toEqual(worker.quotes.latest(acme.id));
  });

  test('come back to nobody', async () => {
    const heard: unknown[] = [];
    const end = worker.quotes.onQuote((quote) => heard.push(quote));
    await toldOf('100.5');
    await toldOf('100.6');
    end();
    expect(heard).toHaveLength(2);
    expect(quotes.recent(acme.id, 10)).toHaveLength(worker.quotes.recent(acme.id, 10).length);
  });
});

describe('an order that one process accepts and another fills', () => {
  test('is filled in the answer', async () => {
    const account = await floor.openAccount(owner, '10000');
    await toldOf('101');
    const order = await api.place(owner, account, { instrument: acme, quantity: '5' });
    expect(summaryOf(order)).toEqual(['FILLED', '5', '0']);
  });

  test('is answered soon when nothing can fill it yet, and filled when it is reached', async () => {
    const account = await floor.openAccount(owner, '10000');
    await toldOf('101');
    const order = await api.place(owner, account, {
      ...{ instrument: acme, quantity: '5', type: 'LIMIT', limitPrice: decimal(100) },
    });
    expect(order.status).toBe('ACCEPTED');
    worker.quote(acme, { bid: '99', ask: '100' });
    await vi.waitFor(async () => {
      expect(summaryOf(await api.newest(owner, order))).toEqual(['FILLED', '5', '0']);
    }, PATIENT);
  });

  test('is forgotten when it is canceled', async () => {
    const account = await floor.openAccount(owner, '10000');
    await toldOf('101');
    const order = await api.place(owner, account, {
      ...{ instrument: acme, quantity: '5', type: 'LIMIT', limitPrice: decimal(100) },
    });
    const dropped = vi.spyOn(worker.engine, 'drop');
    await api.orders.cancel(owner, { orderId: order.id, idempotencyKey: 'once' });
    await vi.waitFor(() => {
      expect(dropped).toHaveBeenCalledWith({ id: order.id, instrumentId: acme.id });
    }, PATIENT);
    worker.quote(acme, { bid: '98', ask: '99' });
    const next = await api.place(owner, account, { instrument: acme, quantity: '1' });
    expect(next.status).toBe('FILLED');
    expect(summaryOf(await api.newest(owner, order))).toEqual(['CANCELED', '0', '0']);
    expect(worker.errors).toEqual([]);
  });

  test('is told to nobody who would wait, where there is one process', async () => {
    const told = vi.fn(async () => undefined);
    const renewSoon = vi.fn();
    const engine = { ...worker.engine, holds: () => false, renewSoon };
    const alone = createOrderCourier({
      ...{ ...common, isAlone: true, engine, bus: { ...apiBus, publish: told } },
    });
    await alone.start();
    const account = await floor.openAccount(owner, '10000');
    await toldOf('101');
    const order = await api.place(owner, account, { instrument: acme, quantity: '1' });
    expect(await alone.accept(order)).toBeUndefined();
    await alone.stop();
    expect([told.mock.calls, renewSoon.mock.calls.length]).toEqual([[], 1]);
  });
});
