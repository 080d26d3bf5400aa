import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Decimal } from '../../../src/services/platform/money.ts';
import {
  matchBar,
  type BarOrder,
  type BarPrices,
} from '../../../src/services/trading/engine/bar-matching.ts';

const order = (
  given: Partial<Omit<BarOrder, 'limitPrice' | 'stopPrice'>> & { limit?: string; stop?: string },
): BarOrder => {
  const { limit, stop, ...rest } = given;
  return {
    ...{ type: 'MARKET', side: 'BUY', isTriggered: false, ...rest },
    limitPrice: limit === undefined ? null : new Decimal(limit),
    stopPrice: stop === undefined ? null : new Decimal(stop),
  };
};
/** "open high low close" */
const bar = (text: string): BarPrices => {
  const [open = '', high = '', low = '', close = ''] = text.split(' ');
  return {
    open: new Decimal(open),
    high: new Decimal(high),
    low: new Decimal(low),
    close: new Decimal(close),
  };
};
const outcome = (given: Parameters<typeof order>[0], prices: string) => {
  const { price, isTriggered } = matchBar(order(given), bar(prices));
  return [price?.toFixed() ?? null, isTriggered];
};

describe('a market order', () => {
  test('fills at the open', () => {
    expect(outcome({}, '102 103 101 102.3')).toEqual(['102', false]);
  });
});

describe('a limit', () => {
  const buy = { type: 'LIMIT', limit: '101.5' } as const;
  const sell = { type: 'LIMIT', side: 'SELL', limit: '101.5' } as const;

  test('fills at its price when the bar reaches it', () => {
    expect(outcome(buy, '102 103 101 102.3')).toEqual(['101.5', false]);
    expect(outcome(sell, '101 102 100 100.5')).toEqual(['101.5', false]);
  });

  test('fills at the open when that is better', () => {
    expect(outcome(buy, '100 103 99 102')).toEqual(['100', false]);
    expect(outcome(sell, '103 104 101 102')).toEqual(['103', false]);
  });

  test('fills when it is touched, and not when it is missed by a tick', () => {
    expect(outcome(buy, '102 103 101.5 102')).toEqual(['101.5', false]);
    expect(outcome(buy, '102 103 101.51 102')).toEqual([null, false]);
    expect(outcome(sell, '101 101.49 100 101')).toEqual([null, false]);
  });
});

describe('a stop', () => {
  test('to buy at 290.5 fills at the open of a bar that opens at 291.5', () => {
    expect(outcome({ type: 'STOP', stop: '290.5' }, '291.5 292 291 291.2')).toEqual([
      ...['291.5', true],
    ]);
  });

  test('to sell at 100 fills at an open of 90, and at 100 where the bar comes down to 98', () => {
    const sell = { type: 'STOP', side: 'SELL', stop: '100' } as const;
    expect(outcome(sell, '90 95 89 94')).toEqual(['90', true]);
    expect(outcome(sell, '102 103 98 99')).toEqual(['100', true]);
  });

  test('goes off when it is touched, and waits else', () => {
    expect(outcome({ type: 'STOP', stop: '103' }, '102 103 101 102')).toEqual(['103', true]);
    expect(outcome({ type: 'STOP', stop: '103.01' }, '102 103 101 102')).toEqual([null, false]);
  });
});

describe('a stop-limit', () => {
  const buy = { type: 'STOP_LIMIT', stop: '102', limit: '103' } as const;

  test('fills at the close of the bar that sets it off, when the limit allows it', () => {
    expect(outcome(buy, '101 105 100 102.5')).toEqual(['102.5', true]);
    expect(outcome({ ...buy, side: 'SELL', stop: '100', limit: '98' }, '101 102 97 99')).toEqual([
      ...['99', true],
    ]);
  });

  test('is set off and not filled by a bar that closes beyond the limit', () => {
    // Its low of 100 is within the limit, but may have been before the trigger.
    expect(outcome(buy, '101 105 100 104')).toEqual([null, true]);
  });

  test('is a plain limit after that', () => {
    const triggered = { ...buy, isTriggered: true } as const;
    expect(outcome(triggered, '104 105 102.9 104')).toEqual(['103', true]);
    expect(outcome(triggered, '102.2 105 102 104')).toEqual(['102.2', true]);
    expect(outcome(triggered, '104 105 103.5 104')).toEqual([null, true]);
  });

  test('waits for its stop', () => {
    expect(outcome(buy, '100 101.9 99 101')).toEqual([null, false]);
  });
});

test('no fill is outside of its bar or worse than its limit', () => {
  const cents = fc.integer({ min: 9_000, max: 11_000 });
  const price = cents.map((n) => new Decimal(n).dividedBy(100));
  fc.assert(
    fc.property(
      fc.constantFrom('MARKET', 'LIMIT', 'STOP', 'STOP_LIMIT'),
      fc.constantFrom('BUY', 'SELL'),
      fc.tuple(price, price, price, price),
      fc.tuple(price, price, fc.boolean()),
      (type, side, four, [limitPrice, stopPrice, isTriggered]) => {
        const [open, close] = four;
        const prices = { open, close, high: Decimal.max(...four), low: Decimal.min(...four) };
        const has = { limit: type.endsWith('LIMIT'), stop: type.startsWith('STOP') };
        const found = matchBar(
          {
            ...{ type, side, isTriggered: has.stop && isTriggered },
            limitPrice: has.limit ? limitPrice : null,
            stopPrice: has.stop ? stopPrice : null,
          },
          prices,
        ).price;
        if (!found) return;
        expect(found.lessThanOrEqualTo(prices.high)).toBe(true);
        expect(found.greaterThanOrEqualTo(prices.low)).toBe(true);
        const apart = found.minus(limitPrice).times(side === 'BUY' ? 1 : -1);
        if (has.limit) expect(apart.lessThanOrEqualTo(0)).toBe(true);
      },
    ),
  );
});
