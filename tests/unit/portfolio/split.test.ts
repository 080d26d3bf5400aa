import { describe, expect, test } from 'vitest';
import { decimal } from '../../support/trading-floor.ts';
import { changeHolding, splitOf } from '../../../src/services/portfolio/split.ts';

const holding = (quantity: string, totalCost: string, realizedPnl = '3') => ({
  quantity: decimal(quantity),
  totalCost: decimal(totalCost),
  realizedPnl: decimal(realizedPnl),
});

describe('a split of a holding', () => {
  test.each([
    // 10 × 2 / 1 = 20
    { held: '10', ratio: '2:1', lot: '1', change: '10', after: '20', fraction: '0' },
    // 5 × 3 / 2 = 7.5: whole ones stay
    { held: '5', ratio: '3:2', lot: '1', change: '2.5', after: '7', fraction: '0.5' },
    // the same where tenths may be held
    { held: '5', ratio: '3:2', lot: '0.1', change: '2.5', after: '7.5', fraction: '0' },
    // 25 × 1 / 10 = 2.5
    { held: '25', ratio: '1:10', lot: '1', change: '-22.5', after: '2', fraction: '0.5' },
    // a short of 5 owes 7.5
    { held: '-5', ratio: '3:2', lot: '1', change: '-2.5', after: '-7', fraction: '-0.5' },
    // 1 × 1 / 3 to 18 decimals
    {
      ...{ held: '1', ratio: '1:3', lot: '1', change: '-0.666666666666666667' },
      ...{ after: '0', fraction: '0.333333333333333333' },
    },
  ])('$held, $ratio in lots of $lot', ({ held, ratio, lot, ...expected }) => {
    const [ratioTo = '', ratioFrom = ''] = ratio.split(':');
    const effect = splitOf(decimal(held), {
      ...{ ratioFrom: decimal(ratioFrom), ratioTo: decimal(ratioTo), lotSize: decimal(lot) },
    });
    expect({
      change: effect.change.toFixed(),
      after: effect.quantityAfter.toFixed(),
      fraction: effect.fraction.toFixed().replace(/^-0$/, '0'),
    }).toEqual(expected);
  });
});

describe('a change of quantity for nothing', () => {
  test.each([
    { name: 'grows at the same cost', from: '10 100', change: '10', to: '20 100 3 0' },
    { name: 'shrinks at the same cost', from: '10 100', change: '-9', to: '1 100 3 0' },
    { name: 'grows a short', from: '-10 -100', change: '-10', to: '-20 -100 3 0' },
    // Sold down since: more goes than is there, and its cost of 100 is lost: 3 − 100 = −97
    { name: 'ends at zero', from: '10 100', change: '-15', to: '0 0 -97 -100' },
    // A short of which more goes than is owed: what it brought, 100, is won.
    { name: 'ends a short at zero', from: '-10 -100', change: '10', to: '0 0 103 100' },
  ])('$name', ({ from, change, to }) => {
    const [quantity = '', cost = ''] = from.split(' ');
    const after = changeHolding(holding(quantity, cost), decimal(change));
    const { totalCost, realizedPnl, realizedGross } = after;
    const numbers = [after.quantity, totalCost, realizedPnl, realizedGross];
    expect(numbers.map((number) => number.toFixed()).join(' ')).toBe(to);
  });
});
