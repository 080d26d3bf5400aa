import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Decimal } from '../../../src/services/platform/money.ts';
import {
  consume,
  matchOrder,
  refreshLiquidity,
  type Demand,
  type Liquidity,
  type Match,
  type TopOfBook,
} from '../../../src/services/trading/engine/matching.ts';

const quote = (given: Partial<Record<keyof TopOfBook, string>> = {}): TopOfBook => {
  const all = { bid: '99', ask: '101', bidSize: '10', askSize: '5', ...given };
  return {
    bid: new Decimal(all.bid),
    ask: new Decimal(all.ask),
    bidSize: new Decimal(all.bidSize),
    askSize: new Decimal(all.askSize),
  };
};
const match = (liquidity: Liquidity, side: 'BUY' | 'SELL', remaining: string, lot = '1') => {
  return textOf(matchOrder({ ...demand(side, remaining), lotSize: new Decimal(lot) }, liquidity));
};
const demand = (side: 'BUY' | 'SELL', remaining: string, limitPrice?: string): Demand => ({
  ...{ side, remaining: new Decimal(remaining), lotSize: new Decimal(1), isAllOrNone: false },
  liquidityModel: 'QUOTED_SIZE',
  limitPrice: limitPrice === undefined ? null : new Decimal(limitPrice),
});
const textOf = (found: Match | undefined) =>
  found && [found.quantity.toFixed(), found.price.toFixed()];
const fresh = refreshLiquidity(undefined, quote());

describe('a market order', () => {
  test('takes the far side: a buy the ask, a sell the bid', () => {
    expect(match(fresh, 'BUY', '3')).toEqual(['3', '101']);
    expect(match(fresh, 'SELL', '3')).toEqual(['3', '99']);
  });

  test('takes no more than is quoted', () => {
    expect(match(fresh, 'BUY', '12')).toEqual(['5', '101']);
    expect(match(fresh, 'SELL', '12')).toEqual(['10', '99']);
  });

  test('takes whole lots only', () => {
    const odd = refreshLiquidity(undefined, quote({ askSize: '5.7' }));
    expect(match(odd, 'BUY', '12')).toEqual(['5', '101']);
    expect(match(odd, 'BUY', '12', '0.5')).toEqual(['5.5', '101']);
    expect(match(odd, 'BUY', '12', '10')).toBeUndefined();
  });

  test('waits where nothing is offered', () => {
    expect(match(refreshLiquidity(undefined, quote({ askSize: '0' })), 'BUY', '1')).toBeUndefined();
  });

  test('takes all of it where liquidity is unlimited, whole lots and the quoted price', () => {
    const unlimited = { ...demand('BUY', '12.5'), liquidityModel: 'UNLIMITED' } as const;
    expect(textOf(matchOrder(unlimited, fresh))).toEqual(['12', '101']);
    const used = consume(fresh, 'BUY', new Decimal(5));
    expect(textOf(matchOrder(unlimited, used))).toEqual(['12', '101']);
  });
});

describe('a limit order', () => {
  const limited = (side: 'BUY' | 'SELL', price: string) =>
    textOf(matchOrder(demand(side, '3', price), fresh));

  test('fills at its limit and at what is better, which it gets', () => {
    expect(limited('BUY', '101')).toEqual(['3', '101']);
    expect(limited('BUY', '105')).toEqual(['3', '101']);
    expect(limited('SELL', '99')).toEqual(['3', '99']);
    expect(limited('SELL', '90')).toEqual(['3', '99']);
  });

  test('waits while the price is worse', () => {
    expect(limited('BUY', '100.99')).toBeUndefined();
    expect(limited('SELL', '99.01')).toBeUndefined();
  });

  test('of all or none takes no part', () => {
    const whole = (remaining: string) =>
      textOf(matchOrder({ ...demand('BUY', remaining), isAllOrNone: true }, fresh));
    expect(whole('6')).toBeUndefined(); // 5 are offered.
    expect(whole('5')).toEqual(['5', '101']);
  });
});

describe('consumed liquidity', () => {
  const used = consume(fresh, 'BUY', new Decimal(4));

  test('is gone for the next order, on its side alone', () => {
    expect(match(used, 'BUY', '12')).toEqual(['1', '101']);
    expect(match(used, 'SELL', '12')).toEqual(['10', '99']);
    expect(match(consume(used, 'BUY', new Decimal(1)), 'BUY', '12')).toBeUndefined();
  });

  test('stays gone while the offer is only repeated', () => {
    expect(match(refreshLiquidity(used, quote()), 'BUY', '12')).toEqual(['1', '101']);
    expect(match(refreshLiquidity(used, quote({ bid: '98' })), 'BUY', '12')).toEqual(['1', '101']);
  });

  test('is back when the price or the size of its side changes', () => {
    expect(match(refreshLiquidity(used, quote({ ask: '100' })), 'BUY', '12')).toEqual(['5', '100']);
    expect(match(refreshLiquidity(used, quote({ askSize: '6' })), 'BUY', '12')).toEqual([
      '6',
      '101',
    ]);
  });
});

test('no history of fills takes more of a quote than its size, or is worse than a limit', () => {
  const quantity = fc.integer({ min: 1, max: 40 }).map((n) => new Decimal(n).dividedBy(4));
  const order = fc.record({
    side: fc.constantFrom('BUY' as const, 'SELL' as const),
    remaining: quantity,
    limitPrice: fc.option(fc.integer({ min: 97, max: 103 }).map((n) => new Decimal(n))),
    isAllOrNone: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(order, { maxLength: 20 }), quantity, quantity, (orders, bid, ask) => {
      const sizes = { bidSize: bid.toFixed(), askSize: ask.toFixed() };
      let left = refreshLiquidity(undefined, quote(sizes));
      const taken = { BUY: new Decimal(0), SELL: new Decimal(0) };
      for (const wanted of orders) {
        const lotSize = new Decimal('0.25');
        const found = matchOrder({ ...wanted, lotSize, liquidityModel: 'QUOTED_SIZE' }, left);
        if (!found) continue;
        const { side, remaining, limitPrice, isAllOrNone } = wanted;
        const worse = found.price.minus(limitPrice ?? found.price).times(side === 'BUY' ? 1 : -1);
        expect(worse.greaterThan(0)).toBe(false);
        expect(found.quantity.greaterThan(remaining)).toBe(false);
        if (isAllOrNone) expect(found.quantity.equals(remaining)).toBe(true);
        taken[side] = taken[side].plus(found.quantity);
        left = refreshLiquidity(consume(left, side, found.quantity), quote(sizes));
      }
      expect(taken.BUY.lessThanOrEqualTo(ask) && taken.SELL.lessThanOrEqualTo(bid)).toBe(true);
    }),
  );
});
