import { describe, expect, test } from 'vitest';
import {
  dailyReturns,
  maxDrawdown,
  totalReturn,
  totalReturnInterval,
} from '../../../src/services/performance/metrics.ts';
import { studentT975 } from '../../../src/services/performance/student-t.ts';
import { Decimal } from '../../../src/services/platform/money.ts';

describe('the total return', () => {
  test.each([
    // 11293.60 / 10000 − 1
    ['a gain', '10000', '11293.60', '0.12936'],
    // 9794.73 / 10000 − 1
    ['a loss', '10000', '9794.73', '-0.020527'],
    ['nothing', '10000', '10000', '0'],
    ['everything lost', '10000', '0', '-1'],
  ])('is last / first − 1: %s', (_what, first, last, expected) => {
    expect(totalReturn(new Decimal(first), new Decimal(last))?.toFixed()).toBe(expected);
  });

  test('is not defined for nothing to begin with', () => {
    expect(totalReturn(new Decimal(0), new Decimal(100))).toBeUndefined();
  });
});

describe('daily returns', () => {
  test('compare each day with the one before', () => {
    // 110 / 100 − 1 = 0.1; 99 / 110 − 1 = −0.1
    const [first, second] = dailyReturns([100, 110, 99]) ?? [];
    expect(first).toBeCloseTo(0.1, 12);
    expect(second).toBeCloseTo(-0.1, 12);
  });

  test('are not defined through zero', () => {
    expect(dailyReturns([100, 0, 10])).toBeUndefined();
  });
});

describe('the largest drawdown', () => {
  test.each([
    // From 120 to 90: 1 − 90 / 120.
    ['a fall from a later high', [100, 120, 90, 130, 117], '0.25'],
    // From 100 to 90, before there was any other high.
    ['a fall from the beginning', [100, 90, 110], '0.1'],
    // 1 − 2 / 3
    ['a third, to six decimals', [3, 2], '0.333333'],
    ['a rise alone', [100, 110, 110, 120], '0'],
    ['a single value', [100], '0'],
    ['everything lost', [100, 0], '1'],
    // 1 − (−10) / 100
    ['more than everything', [100, -10], '1.1'],
  ])('is the fall over the high before it: %s', (_what, equity, expected) => {
    expect(maxDrawdown(equity)?.toFixed()).toBe(expected);
  });

  test.each([
    ['nothing', []],
    ['a beginning of zero', [0, 100]],
    ['a debt', [-1, 100]],
  ])('is not defined for %s', (_what, equity) => {
    expect(maxDrawdown(equity)).toBeUndefined();
  });
});

describe("Student's t", () => {
  test.each([
    // NIST/SEMATECH e-Handbook, table 1.3.6.7.2, column 0.975.
    [1, 12.706],
    [4, 2.776],
    [18, 2.101],
    [30, 2.042],
    [31, 2.04],
    [40, 2.021],
    [60, 2.0],
    [100, 1.984],
  ])('has its 97.5%% point for %i degrees of freedom at %d', (degrees, expected) => {
    expect(studentT975(degrees)).toBeCloseTo(expected, 3);
  });

  test.each([0, -1, 2.5])('knows no %d degrees of freedom', (degrees) => {
    expect(() => studentT975(degrees)).toThrow(/degrees of freedom/);
  });
});

describe('the confidence interval of the total return', () => {
  test("is Student's interval of the daily log returns, summed", () => {
    // 100 → 102 → 101 → 104: logs ln 1.02 = 0.01980263, ln(101/102) = −0.00985230,
    // ln(104/101) = 0.02927038. Sum ln 1.04 = 0.03922071, mean 0.01307357.
    // Deviations 0.00672906, −0.02292587, 0.01619681; squares 0.00004528 + 0.00052560 + 0.00026234
    // = 0.00083322; s = √(0.00083322 / 2) = 0.02041104. t(0.975, 2) = 4.303; × s × √3 = 0.15212256.
    // exp(0.03922071 − 0.15212256) − 1 = exp(−0.11290185) − 1 = −0.10676…
    // exp(0.03922071 + 0.15212256) − 1 = exp(0.19134327) − 1 = 0.21087…
    const interval = totalReturnInterval([100, 102, 101, 104]);
    expect(interval?.low.toNumber()).toBeCloseTo(-0.10676, 4);
    expect(interval?.high.toNumber()).toBeCloseTo(0.21087, 4);
  });

  test('is a point when every day is the same', () => {
    const interval = totalReturnInterval([100, 100, 100]);
    expect([interval?.low.toFixed(), interval?.high.toFixed()]).toEqual(['0', '0']);
  });

  test('stays finite for two days that are far apart', () => {
    const interval = totalReturnInterval([100, 100_000, 1]);
    expect(interval?.high.isFinite()).toBe(true);
  });

  test.each([
    ['one daily return', [100, 101]],
    ['a value of zero', [100, 0, 101]],
    ['a value below zero', [100, -5, 101]],
  ])('is not defined for %s', (_what, equity) => {
    expect(totalReturnInterval(equity)).toBeUndefined();
  });
});
