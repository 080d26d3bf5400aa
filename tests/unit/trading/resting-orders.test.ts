import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Decimal } from '../../../src/services/platform/money.ts';
import {
  createRestingOrders,
  type OpenOrder,
} from '../../../src/services/trading/resting-orders.ts';

const START = new Date('2026-03-02T15:00:00Z').getTime();
let made = 0;

const order = (given: Partial<OpenOrder> = {}): OpenOrder => ({
  id: `order-${String((made += 1)).padStart(6, '0')}`,
  accountId: 'account',
  instrumentId: 'instrument',
  side: 'BUY',
  type: 'MARKET',
  status: 'ACCEPTED',
  timeInForce: 'GTC',
  limitPrice: null,
  stopPrice: null,
  trailAmount: null,
  trailPercent: null,
  createdAt: new Date(START),
  expiresAt: null,
  remaining: new Decimal(1),
  ...given,
});
const at = (second: number) => new Date(START + second * 1_000);
const limit = (side: 'BUY' | 'SELL', price: number, second = 0) =>
  order({ side, type: 'LIMIT', limitPrice: new Decimal(price), createdAt: at(second) });
const stop = (side: 'BUY' | 'SELL', price: number, second = 0) =>
  order({ side, type: 'STOP', stopPrice: new Decimal(price), createdAt: at(second) });
const prices = (bid: number, ask: number) => ({ bid: new Decimal(bid), ask: new Decimal(ask) });

function reached(orders: readonly OpenOrder[], bid: number, ask: number): string[] {
  const resting = createRestingOrders({ tickSize: new Decimal('0.01') });
  for (const one of orders) resting.add(one);
  return resting.reachedBy(prices(bid, ask)).map(({ id }) => id);
}
const idsOf = (...orders: readonly OpenOrder[]) => orders.map(({ id }) => id);

describe('what a quote reaches', () => {
  test('of limits: the best price first, the oldest among equals', () => {
    const [low, high, older] = [limit('BUY', 101), limit('BUY', 103, 2), limit('BUY', 103, 1)];
    expect(reached([low, high, older], 99, 101)).toEqual(idsOf(older, high, low));
    expect(reached([low, high, older], 99, 102)).toEqual(idsOf(older, high));
    const [cheap, dear] = [limit('SELL', 98), limit('SELL', 99)];
    expect(reached([dear, cheap], 99, 101)).toEqual(idsOf(cheap, dear));
    expect(reached([dear, cheap], 97.99, 101)).toEqual([]);
  });

  test('of stops: those that the far side has touched or passed, the oldest first', () => {
    const [first, second] = [stop('BUY', 101, 1), stop('BUY', 100, 2)];
    expect(reached([second, first], 99, 101)).toEqual(idsOf(first, second));
    expect(reached([second, first], 99, 100.99)).toEqual(idsOf(second));
    const [falls, falling] = [stop('SELL', 99), stop('SELL', 98)];
    expect(reached([falls, falling], 99, 101)).toEqual(idsOf(falls));
    expect(reached([falls, falling], 90, 101)).toEqual(idsOf(falls, falling));
  });

  test('at the market: all, before limits', () => {
    const [late, early, priced] = [
      order({ createdAt: at(2) }),
      order({ side: 'SELL', createdAt: at(1) }),
      limit('BUY', 101, 0),
    ];
    expect(reached([priced, late, early], 99, 101)).toEqual(idsOf(early, late, priced));
  });

  test('of a stop that went off: as a market order, or as its limit', () => {
    const off = order({ type: 'STOP', status: 'TRIGGERED', stopPrice: new Decimal(500) });
    const limited = {
      ...off,
      id: 'limited',
      type: 'STOP_LIMIT',
      limitPrice: new Decimal(101),
    } as const;
    expect(reached([off, limited], 99, 101)).toEqual([off.id, 'limited']);
    expect(reached([off, limited], 99, 102)).toEqual([off.id]);
    const part = { ...limited, status: 'PARTIALLY_FILLED' } as const;
    expect(reached([part], 99, 101)).toEqual(['limited']);
  });

  test('without prices: only what fills at once or not at all', () => {
    const resting = createRestingOrders({ tickSize: new Decimal('0.01') });
    const atOnce = order({ timeInForce: 'IOC' });
    for (const one of [order(), limit('BUY', 500), atOnce]) resting.add(one);
    expect(resting.reachedBy(undefined)).toEqual([atOnce]);
  });
});

describe('a stop that was touched', () => {
  test('is in reach wherever the price is by then, until it is taken', () => {
    const resting = createRestingOrders({ tickSize: new Decimal('0.01') });
    const [touched, other] = [stop('SELL', 95), stop('SELL', 94)];
    for (const one of [touched, other]) resting.add(one);
    resting.see(prices(95, 96), at(1));
    resting.see(prices(99, 101), at(2));
    expect(resting.reachedBy(prices(99, 101))).toEqual([touched]);
    expect([resting.touchedAt(touched.id), resting.touchedAt(other.id)]).toEqual([
      at(1),
      undefined,
    ]);
    resting.see(prices(94.5, 96), at(3));
    expect(resting.touchedAt(touched.id)).toEqual(at(3));
    resting.remove(touched);
    expect(resting.reachedBy(prices(99, 101))).toEqual([]);
    resting.add(touched);
    expect(resting.reachedBy(prices(99, 101))).toEqual([]);
    resting.add({ ...other, id: 'again' }, at(3));
    expect(resting.reachedBy(prices(99, 101)).map(({ id }) => id)).toEqual(['again']);
  });
});

test('orders end at their time, not before', () => {
  const resting = createRestingOrders({ tickSize: new Decimal('0.01') });
  const [soon, late] = [order({ expiresAt: at(10) }), order({ expiresAt: at(20) })];
  for (const one of [late, order(), soon]) resting.add(one);
  expect(resting.expiredBy(at(9.999))).toEqual([]);
  expect(resting.expiredBy(at(10))).toEqual([soon]);
  resting.remove(soon);
  expect(resting.expiredBy(at(20))).toEqual([late]);
});

const anyOrder = fc
  .record({
    side: fc.constantFrom('BUY', 'SELL'),
    type: fc.constantFrom('MARKET', 'LIMIT', 'STOP', 'STOP_LIMIT'),
    limit: fc.integer({ min: 90, max: 110 }),
    stop: fc.integer({ min: 90, max: 110 }),
    second: fc.integer({ min: 0, max: 5 }),
    status: fc.constantFrom('ACCEPTED', 'TRIGGERED'),
  })
  .map(({ side, type, limit: limitPrice, stop: stopPrice, second, status }) =>
    order({
      ...{ side, type, createdAt: at(second) },
      status: type.startsWith('STOP') ? status : 'ACCEPTED',
      limitPrice: type.endsWith('LIMIT') ? new Decimal(limitPrice) : null,
      stopPrice: type.startsWith('STOP') ? new Decimal(stopPrice) : null,
    }),
  );

test('the same as looking at every one of them, whatever came and went', () => {
  const plays = fc.array(fc.tuple(anyOrder, fc.boolean()), { maxLength: 60 });
  const quotes = fc.array(fc.integer({ min: 88, max: 112 }), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(plays, quotes, (steps, bids) => {
      const resting = createRestingOrders({ tickSize: new Decimal('0.01') });
      const kept: OpenOrder[] = [];
      for (const [one, goesAgain] of steps) {
        resting.add(one);
        if (goesAgain) resting.remove(one);
        else kept.push(one);
      }
      for (const bid of bids) {
        const [sells, buys] = [bid, bid + 1];
        const isReached = ({ side, type, status, limitPrice, stopPrice }: OpenOrder): boolean => {
          const price = side === 'BUY' ? buys : sells;
          const sign = side === 'BUY' ? 1 : -1;
          if (stopPrice && status === 'ACCEPTED') return (price - stopPrice.toNumber()) * sign >= 0;
          return !limitPrice || type === 'STOP' || (limitPrice.toNumber() - price) * sign >= 0;
        };
        const expected = kept
          .filter(isReached)
          .map(({ id }) => id)
          .sort();
        const found = resting.reachedBy(prices(sells, buys)).map(({ id }) => id);
        expect([...found].sort()).toEqual(expected);
      }
    }),
    { numRuns: 500 },
  );
});
