import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Decimal, toBookedCash, ZERO } from '../../../src/services/platform/money.ts';
import {
  applyFill,
  averageCostOf,
  type FillResult,
  type Holding,
} from '../../../src/services/portfolio/position.ts';

type Side = 'BUY' | 'SELL';

/** Fills at a price, with the cash that booking would take from it. */
const fillAt = (position: Holding | undefined, side: Side, quantity: string, price: string) => {
  const notional = new Decimal(quantity).times(price);
  const cashAmount = toBookedCash(side === 'BUY' ? notional.negated() : notional, 'USD');
  return applyFill(position, {
    side,
    quantity: new Decimal(quantity),
    cashAmount,
    currency: 'USD',
  });
};
const openAfter = ({ held, opened }: FillResult) =>
  opened ?? (held && !held.quantity.isZero() ? held : undefined);
const shown = (holding: Holding | undefined) =>
  holding && [holding.quantity, holding.totalCost, holding.realizedPnl].map((n) => n.toFixed());

describe('the worked example of DOMAIN', () => {
  const first = fillAt(undefined, 'BUY', '10', '10');
  const second = fillAt(first.opened, 'BUY', '10', '20');
  const third = fillAt(second.held, 'SELL', '5', '18');
  const fourth = fillAt(third.held, 'SELL', '20', '12');

  test('buys 10 @ 10 and 10 @ 20 at an average of 15', () => {
    // 10 × 10 + 10 × 20 = 300, over 20 = 15
    expect(shown(first.opened)).toEqual(['10', '100', '0']);
    expect(shown(second.held)).toEqual(['20', '300', '0']);
    expect(second.held && averageCostOf(second.held)?.toFixed()).toBe('15');
  });

  test('sells 5 @ 18 for 15', () => {
    // Proceeds 90 − released 300 × 5/20 = 75 → 15; left: 15 at 225
    expect(third.realizedGross.toFixed()).toBe('15');
    expect(shown(third.held)).toEqual(['15', '225', '15']);
  });

  test('sells 20 @ 12: −45 on the 15 held, and a short of 5 with average 12', () => {
    // Proceeds 240: 180 close the 15, 60 open the 5. 180 − 225 = −45, and 15 − 45 = −30 in all
    expect(fourth.realizedGross.toFixed()).toBe('-45');
    expect(shown(fourth.held)).toEqual(['0', '0', '-30']);
    expect(shown(fourth.opened)).toEqual(['-5', '-60', '0']);
    expect(fourth.opened && averageCostOf(fourth.opened)?.toFixed()).toBe('12');
  });

  test('buys the short back 5 @ 10 for 10', () => {
    // Cost released −60, paid 50: −50 − (−60) = 10
    const fifth = fillAt(fourth.opened, 'BUY', '5', '10');
    expect(fifth.realizedGross.toFixed()).toBe('10');
    expect(shown(fifth.held)).toEqual(['0', '0', '10']);
    expect(fifth.opened).toBeUndefined();
  });
});

describe('rounding', () => {
  test('leaves no cent behind when the cost does not divide', () => {
    // 3 bought for 10.00. Sell 1: share 3.333… → 3.33 released, 6.67 left. Sell 1: 6.67 / 2 = 3.335 →
    // 3.34 half-even (3.335 lies between 3.33 and 3.34; the even digit is 4), 3.33 left. Sell 1: all of 3.33.
    const holding = fillAt(undefined, 'BUY', '3', '3.3333').opened;
    expect(holding?.totalCost.toFixed()).toBe('10');
    const one = fillAt(holding, 'SELL', '1', '4');
    const two = fillAt(one.held, 'SELL', '1', '4');
    const three = fillAt(two.held, 'SELL', '1', '4');
    expect([one, two, three].map(({ realizedGross }) => realizedGross.toFixed())).toEqual([
      '0.67', // 4 − 3.33
      '0.66', // 4 − 3.34
      '0.67', // 4 − 3.33
    ]);
    expect(shown(three.held)).toEqual(['0', '0', '2']); // 12 − 10
  });

  test('splits the booked cash of a fill beyond zero so that its parts sum to it', () => {
    // Long 1 at 1.00, sell 3 @ 3.3333 = 9.9999 → 10.00 booked. A third closes: 3.333… → 3.33; 6.67 opens.
    const holding = fillAt(undefined, 'BUY', '1', '1').opened;
    const { held, opened, realizedGross } = fillAt(holding, 'SELL', '3', '3.3333');
    expect(realizedGross.toFixed()).toBe('2.33');
    expect(shown(held)).toEqual(['0', '0', '2.33']);
    expect(shown(opened)).toEqual(['-2', '-6.67', '0']);
  });

  test('gives what opens all that rounding left of what closed, where both halves end in half a cent', () => {
    const long = fillAt(undefined, 'BUY', '1', '0.01').opened;
    // 2 @ 0.015 bring 0.03. Half of it is 0.015, which rounds to 0.02: that closes, and 0.01 opens.
    const { held, opened, realizedGross } = fillAt(long, 'SELL', '2', '0.015');
    expect([realizedGross.toFixed(), held?.totalCost.toFixed()]).toEqual(['0.01', '0']);
    expect(shown(opened)).toEqual(['-1', '-0.01', '0']);
  });

  test('takes the cash that a fill brings, whatever its price says', () => {
    const { opened } = applyFill(undefined, {
      side: 'BUY',
      quantity: new Decimal(7),
      cashAmount: new Decimal('-100.01'),
      currency: 'USD',
    });
    expect(shown(opened)).toEqual(['7', '100.01', '0']);
  });
});

describe('a fill that cannot be', () => {
  test.each([
    ['a buy that brings cash', 'BUY', '1', '0.01'],
    ['a sell that costs cash', 'SELL', '1', '-0.01'],
    ['a quantity of zero', 'BUY', '0', '-1'],
    ['a negative quantity', 'SELL', '-1', '1'],
    ['a quantity that is no number', 'BUY', 'NaN', '-1'],
    ['cash that is no number', 'BUY', '1', 'NaN'],
  ] as const)('is a bug: %s', (_what, side, quantity, cash) => {
    const fill = { quantity: new Decimal(quantity), cashAmount: new Decimal(cash) };
    expect(() => applyFill(undefined, { side, ...fill, currency: 'USD' })).toThrow(/cannot change/);
  });
});

describe('any history of fills', () => {
  const fills = fc.array(
    fc.record({
      side: fc.constantFrom<Side>('BUY', 'SELL'),
      // Up to 999.999999 and 9,999.9999, so that cash rarely comes out in whole cents.
      quantity: fc
        .integer({ min: 1, max: 999_999_999 })
        .map((n) => new Decimal(n).div(1e6).toFixed()),
      price: fc.integer({ min: 1, max: 99_999_999 }).map((n) => new Decimal(n).div(1e4).toFixed()),
    }),
    { minLength: 1, maxLength: 40 },
  );
  const costOf = (holding: Holding | undefined) => holding?.totalCost ?? ZERO;

  test('keeps cash = −cost + realized, exactly, fill by fill', () => {
    fc.assert(
      fc.property(fills, (history) => {
        let position: Holding | undefined;
        for (const { side, quantity, price } of history) {
          const notional = new Decimal(quantity).times(price);
          const cash = toBookedCash(side === 'BUY' ? notional.negated() : notional, 'USD');
          const result = fillAt(position, side, quantity, price);
          const next = openAfter(result);
          const changeOfCost = costOf(next).minus(costOf(position));
          expect(cash.toFixed()).toBe(result.realizedGross.minus(changeOfCost).toFixed());
          position = next;
        }
      }),
      { numRuns: 500 },
    );
  });

  test('keeps quantities, whole cents, and the sign of the cost', () => {
    fc.assert(
      fc.property(fills, (history) => {
        let position: Holding | undefined;
        let quantity = ZERO;
        for (const fill of history) {
          const result = fillAt(position, fill.side, fill.quantity, fill.price);
          position = openAfter(result);
          quantity = quantity.plus(fill.side === 'BUY' ? fill.quantity : `-${fill.quantity}`);
          expect((position?.quantity ?? ZERO).toFixed()).toBe(quantity.toFixed());
          const cost = costOf(position);
          expect(cost.toFixed()).toBe(toBookedCash(cost, 'USD').toFixed());
          if (!cost.isZero()) expect(cost.isPositive()).toBe(quantity.isPositive());
          if (result.held?.quantity.isZero()) expect(result.held.totalCost.isZero()).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });
});
