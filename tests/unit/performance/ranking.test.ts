import { expect, test } from 'vitest';
import { rank } from '../../../src/services/performance/ranking.ts';
import { Decimal } from '../../../src/services/platform/money.ts';

const entry = (name: string, score: string | undefined, sampleSize = 5) => ({
  name,
  sampleSize,
  score: score === undefined ? undefined : new Decimal(score),
});
const ranksOf = (...entries: ReturnType<typeof entry>[]) =>
  rank(entries, 5).map(({ rank: place, entry: { name } }) => [place, name]);

test('the highest score is first', () => {
  expect(ranksOf(entry('a', '-0.02'), entry('b', '0.12'), entry('c', '0.04'))).toEqual([
    [1, 'b'],
    [2, 'c'],
    [3, 'a'],
  ]);
});

test('equal scores share a rank, and the next is as far down as if they did not', () => {
  const board = ranksOf(
    entry('d', '0.1'),
    entry('c', '0.20'),
    entry('b', '0.2'),
    entry('a', '0.3'),
  );
  expect(board).toEqual([
    [1, 'a'],
    [2, 'b'],
    [2, 'c'],
    [4, 'd'],
  ]);
});

test('a sample below the minimum is listed after the ranked, without a rank', () => {
  const board = ranksOf(
    entry('small', '0.9', 4),
    entry('enough', '-0.5', 5),
    entry('none', undefined),
  );
  expect(board).toEqual([
    [1, 'enough'],
    [null, 'small'],
    [null, 'none'],
  ]);
});
