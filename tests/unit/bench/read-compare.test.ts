import { describe, expect, it } from 'vitest';
import { changeInWords, changeOf } from '../../../bench/read-compare.ts';

describe('a change between two revisions', () => {
  it('is the median of the rounds, each compared with its own', () => {
    // Rounds of a machine that grows slower: 1.1, 1.2 and 1.5 times as many in the same round.
    const change = changeOf([100, 50, 10], [110, 60, 15]);
    expect(change.median).toBeCloseTo(0.2);
    expect(change.isClear).toBe(true);
    expect(changeInWords(change)).toBe('+20% (+10% … +50%)');
  });

  it('is not clear when rounds say more and others less', () => {
    const change = changeOf([100, 100, 100], [90, 101, 120]);
    expect(changeInWords(change)).toBe('≈ +1% (−10% … +20%)');
  });

  it('is clear when one round of eleven says otherwise', () => {
    const before = Array.from({ length: 11 }, () => 100);
    const now = [150, ...Array.from({ length: 10 }, () => 90)];
    const change = changeOf(before, now);
    expect(change.isClear).toBe(true);
    expect(change.median).toBeCloseTo(-0.1);
    expect(changeOf(before, [150, 150, ...now.slice(2)]).isClear).toBe(false);
  });

  it('is none where both rounds were too short to count anything', () => {
    expect(changeOf([0, 0], [0, 0])).toMatchObject({ median: 0, isClear: false });
  });
});
