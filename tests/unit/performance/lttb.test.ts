import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { pickPoints, type Series } from '../../../src/services/performance/lttb.ts';

const series = (y: readonly number[], x: readonly number[] = [...y.keys()]): Series => ({
  x: Float64Array.from(x),
  y: Float64Array.from(y),
});
const picksOf = (count: number, y: readonly number[], x?: readonly number[]) => [
  ...pickPoints(series(y, x), count),
];

describe('by hand', () => {
  test('takes the largest triangle of each bucket', () => {
    // Six points to four: two buckets of (6 − 2) / 2 = 2 points, {1, 2} and {3, 4}.
    // First: from (0, 0) to the mean (3.5, 5.5) of the second bucket, twice the area is
    // |−3.5 × y + x × 5.5|: 2 for (1, 1), 3 for (2, 4). Point 2.
    // Second: from (2, 4) to the last, (5, 10): |−3 × (y − 4) + (x − 2) × 6|: 3 for (3, 5), 6 for (4, 6).
    expect(picksOf(4, [0, 1, 4, 5, 6, 10])).toEqual([0, 2, 4, 5]);
  });

  test('goes by the time between points, not by their number', () => {
    // Five points to three: one bucket {1, 2, 3} from (0, 0) to the last point, (100, 0):
    // the largest triangle is the highest point, 1 at any time.
    expect(picksOf(3, [0, 1, 2, 3, 0], [0, 1, 2, 3, 100])).toEqual([0, 3, 4]);
    // To (100, 100): |−100 × y + x × 100| is 0 for (50, 50), 4600 for (49, 3), 100 for (3, 2).
    expect(picksOf(3, [0, 2, 3, 50, 100], [0, 3, 49, 50, 100])).toEqual([0, 2, 4]);
    // With even steps: |−4 × y + x × 100| is 92 for (1, 2), 188 for (2, 3), 100 for (3, 50).
    expect(picksOf(3, [0, 2, 3, 50, 100])).toEqual([0, 2, 4]);
    // |−4 × y + x × 100| is 92 for (1, 2), 160 for (2, 10), 260 for (3, 10): another point.
    expect(picksOf(3, [0, 2, 10, 10, 100])).toEqual([0, 3, 4]);
  });

  test('keeps the lowest and the highest value though their triangles are small', () => {
    // Buckets {1, 2} and {3, 4}; the highest, 1, is in the first, and the lowest, 4, in the second.
    expect(picksOf(4, [5, 9, 1, 2, 0, 5])).toEqual([0, 1, 4, 5]);
  });

  test('keeps both when one bucket has them', () => {
    // Buckets {1, 2, 3}, {4, 5, 6}, {7, 8, 9}: the second has the lowest, 4, and the highest, 6.
    // First: from (0, 5) to the mean (5, 5/3), |−5 × 0 + x × −10/3| is largest for point 3.
    // Second: the lowest, 4. Third: from (4, −9) to (10, 5), |−6 × 14 + (x − 4) × 14|: 42 for point 7,
    // 28 for 8, 14 for 9. Of 3 and 7, point 7 is nearer to 6, and gives way.
    const picks = picksOf(5, [5, 5, 5, 5, -9, 5, 9, 5, 5, 5, 5]);
    expect(picks).toEqual([0, 3, 4, 6, 10]);
  });

  test.each([
    ['as many points as there are', 4, [1, 2, 3, 4], [0, 1, 2, 3]],
    ['more than there are', 500, [1, 2], [0, 1]],
    ['of a single point', 2, [7], [0]],
    ['of none', 2, [], []],
    ['two of many', 2, [1, 9, -9, 3], [0, 3]],
  ])('answers %s', (_what, count, y, expected) => {
    expect(picksOf(count, y)).toEqual(expected);
  });

  test('takes the first of each bucket of a line that never moves', () => {
    // Buckets {1, 2}, {3, 4}: no triangle is larger than another.
    expect(picksOf(4, [3, 3, 3, 3, 3, 3])).toEqual([0, 1, 3, 5]);
  });
});

describe('any line', () => {
  const lines = fc
    .array(fc.tuple(fc.integer({ min: 0, max: 1_000 }), fc.integer({ min: -1_000, max: 1_000 })), {
      maxLength: 300,
    })
    .map((points) => {
      let time = 1_760_000_000_000;
      const x = points.map(([step]) => (time += step));
      return { x, y: points.map(([, value]) => value) };
    });
  const counts = fc.integer({ min: 2, max: 60 });

  test('gives exactly as many points as are asked for, in order, its ends among them', () => {
    fc.assert(
      fc.property(lines, counts, ({ x, y }, count) => {
        const picks = picksOf(count, y, x);
        expect(picks).toHaveLength(Math.min(count, y.length));
        expect(picks.toSorted((one, other) => one - other)).toEqual(picks);
        expect(new Set(picks).size).toBe(picks.length);
        if (y.length > 0) expect([picks[0], picks.at(-1)]).toEqual([0, y.length - 1]);
      }),
    );
  });

  test('keeps its lowest and its highest value from four points on', () => {
    fc.assert(
      fc.property(lines, counts, ({ x, y }, count) => {
        fc.pre(count >= 4 && y.length > 0);
        const kept = picksOf(count, y, x).map((index) => y[index] ?? NaN);
        expect([Math.min(...kept), Math.max(...kept)]).toEqual([Math.min(...y), Math.max(...y)]);
      }),
    );
  });

  test('is thinned alike when it is stretched', () => {
    fc.assert(
      fc.property(lines, counts, ({ x, y }, count) => {
        const doubled = y.map((value) => 2 * value);
        expect(picksOf(count, doubled, x)).toEqual(picksOf(count, y, x));
      }),
    );
  });
});

describe('refuses', () => {
  test.each([
    ['NaN', [1, NaN, 2]],
    ['an infinite value', [1, Infinity, 2]],
  ])('%s', (_what, y) => {
    expect(() => picksOf(2, y)).toThrow(/not finite/);
  });

  test('times out of order', () => {
    expect(() => picksOf(2, [1, 2, 3], [1, 3, 2])).toThrow(/before the one before/);
    expect(() => picksOf(2, [1, 2, 3], [1, NaN, 2])).toThrow(/not finite/);
  });

  test('values without a time', () => {
    expect(() => picksOf(2, [1, 2], [1])).toThrow(/needs its y/);
  });

  test.each([1, 0, -3, 2.5, NaN])('%d points', (count) => {
    expect(() => picksOf(count, [1, 2, 3])).toThrow(/no line/);
  });
});
