import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Decimal } from '../../../src/services/platform/money.ts';
import { stopBehind, watermarkBefore } from '../../../src/services/trading/engine/trailing-stop.ts';
import { createTrailingStops } from '../../../src/services/trading/trailing-stops.ts';
import type { OpenOrder } from '../../../src/services/trading/resting-orders.ts';

type Side = 'BUY' | 'SELL';

const TICK = new Decimal('0.01');
const of = (text: string | number) => new Decimal(text);
const amount = (side: Side, text: string) => ({
  ...{ side, trailAmount: of(text), trailPercent: null },
});
const percent = (side: Side, text: string) => ({
  ...{ side, trailAmount: null, trailPercent: of(text) },
});
const START = new Date('2026-03-02T15:00:00Z').getTime();
let made = 0;

function order(given: Partial<OpenOrder>): OpenOrder {
  made += 1;
  return {
    id: `order-${String(made).padStart(6, '0')}`,
    accountId: 'account',
    instrumentId: 'instrument',
    side: 'SELL',
    type: 'TRAILING_STOP',
    status: 'ACCEPTED',
    timeInForce: 'GTC',
    limitPrice: null,
    stopPrice: null,
    trailAmount: null,
    trailPercent: null,
    createdAt: new Date(START + made),
    expiresAt: null,
    remaining: of(1),
    ...given,
  };
}

describe('the stop behind a watermark', () => {
  test.each([
    // 100 − 2.50
    [amount('SELL', '2.5'), '100', '97.5'],
    // 100 + 2.50
    [amount('BUY', '2.5'), '100', '102.5'],
    // 33.33 × (1 − 0.015) = 32.83005, away from the market: down
    [percent('SELL', '1.5'), '33.33', '32.83'],
    // 33.33 × 1.015 = 33.82995, away from the market: up
    [percent('BUY', '1.5'), '33.33', '33.83'],
  ])('%j behind %s stands at %s', (trail, watermark, stop) => {
    expect(stopBehind(trail, of(watermark), TICK).toFixed()).toBe(stop);
  });

  test('can be told from the stop: it is behind what is reckoned back, and never loosens', () => {
    const trails = fc.oneof(
      fc.integer({ min: 1, max: 5_000 }).map((cents) => ({ cents, millionths: 0 })),
      fc.integer({ min: 1, max: 99_999_999 }).map((millionths) => ({ cents: 0, millionths })),
    );
    const cents = fc.integer({ min: 5_001, max: 1_000_000 });
    const side = fc.constantFrom<Side>('BUY', 'SELL');
    fc.assert(
      fc.property(side, trails, cents, fc.nat(1_000), (way, trail, price, further) => {
        const given = {
          side: way,
          trailAmount: trail.cents > 0 ? of(trail.cents).dividedBy(100) : null,
          trailPercent: trail.cents > 0 ? null : of(trail.millionths).dividedBy(1_000_000),
        };
        const watermark = of(price).dividedBy(100);
        const stop = stopBehind(given, watermark, TICK);
        if (!stop.greaterThan(0)) return;
        const before = watermarkBefore(given, stop, TICK);
        expect(stopBehind(given, before, TICK).toFixed()).toBe(stop.toFixed());
        // What is seen next moves it just as it would have moved it without the loss of memory.
        const sign = way === 'SELL' ? 1 : -1;
        const next = of(price + further * sign).dividedBy(100);
        if (!next.greaterThan(0)) return;
        const best = (one: Decimal) =>
          way === 'SELL' ? Decimal.max(one, next) : Decimal.min(one, next);
        const remembered = stopBehind(given, best(watermark), TICK);
        expect(stopBehind(given, best(before), TICK).toFixed()).toBe(remembered.toFixed());
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('trailing stops of one side', () => {
  test('follow the highest bid, stand while it falls, and go off when it touches them', () => {
    const stops = createTrailingStops('SELL', TICK);
    const near = order(amount('SELL', '1'));
    const far = order(amount('SELL', '3'));
    stops.add(near);
    stops.add(far);
    expect(stops.stopOf(near)).toBeNull();
    stops.follow(of(100));
    expect(stops.stopOf(near)?.toFixed()).toBe('99');
    stops.follow(of(105));
    stops.follow(of('104.01'));
    expect([near, far].map((one) => stops.stopOf(one)?.toFixed())).toEqual(['104', '102']);
    expect(stops.reachedBy(of('104.01'))).toEqual([]);
    expect(stops.reachedBy(of(104))).toEqual([{ ...near, stopPrice: of(104) }]);
    expect(stops.reachedBy(of(102)).map(({ id }) => id)).toEqual([near.id, far.id]);
    stops.remove(near);
    expect(stops.reachedBy(of(103))).toEqual([]);
  });

  test('tell once which of them moved', () => {
    const stops = createTrailingStops('BUY', TICK);
    const one = order({ ...amount('BUY', '1'), stopPrice: of(101) });
    stops.add(one);
    stops.follow(of(100));
    expect(stops.moved()).toEqual([]);
    stops.follow(of(98));
    expect(stops.moved()).toEqual([{ ...one, stopPrice: of(99) }]);
    expect(stops.moved()).toEqual([]);
  });

  test('are where looking at every one of them would find them, whatever came and went', () => {
    const step = fc.oneof(
      fc.record({
        kind: fc.constant('price' as const),
        cents: fc.integer({ min: 9_000, max: 11_000 }),
      }),
      fc.record({
        kind: fc.constant('add' as const),
        isAmount: fc.boolean(),
        size: fc.integer({ min: 1, max: 900 }),
      }),
      fc.record({ kind: fc.constant('remove' as const), index: fc.nat(50) }),
    );
    const plays = fc.array(step, { minLength: 1, maxLength: 120 });
    fc.assert(
      fc.property(fc.constantFrom<Side>('BUY', 'SELL'), plays, (side, steps) => {
        const stops = createTrailingStops(side, TICK);
        const kept: { order: OpenOrder; watermark: Decimal }[] = [];
        const better = (one: Decimal, other: Decimal) =>
          side === 'SELL' ? Decimal.max(one, other) : Decimal.min(one, other);
        let price = of(100);
        for (const one of steps) {
          if (one.kind === 'add') {
            const trail = one.isAmount
              ? amount(side, of(one.size).dividedBy(100).toFixed())
              : percent(side, of(one.size).dividedBy(100).toFixed());
            const added = order({ ...trail, stopPrice: stopBehind(trail, price, TICK) });
            stops.add(added);
            kept.push({ order: added, watermark: price });
          } else if (one.kind === 'remove') {
            const [gone] = kept.splice(one.index, 1);
            if (gone) stops.remove(gone.order);
          } else {
            price = of(one.cents).dividedBy(100);
            stops.follow(price);
            for (const each of kept) each.watermark = better(each.watermark, price);
          }
          const expected = kept.map((each) => ({
            id: each.order.id,
            stop: stopBehind(each.order, each.watermark, TICK),
          }));
          const found = kept.map((each) => stops.stopOf(each.order)?.toFixed());
          expect(found).toEqual(expected.map(({ stop }) => stop.toFixed()));
          const touched = expected.filter(({ stop }) =>
            side === 'SELL' ? price.lessThanOrEqualTo(stop) : price.greaterThanOrEqualTo(stop),
          );
          const reached = stops.reachedBy(price).map(({ id }) => id);
          expect([...reached].sort()).toEqual(touched.map(({ id }) => id).sort());
        }
      }),
      { numRuns: 300 },
    );
  });
});
