import { describe, expect, test } from 'vitest';
import { createRunProgress } from '../../../src/services/agents/run-progress.ts';

const [first, second] = [new Date(1_000), new Date(2_000)];

describe('the progress of runs', () => {
  test('has each slot due until it is done', () => {
    const progress = createRunProgress(3);
    expect(progress.isDue('a', first)).toBe(true);
    progress.done('a', first);
    expect([progress.isDue('a', first), progress.isDue('a', second)]).toEqual([false, true]);
    expect([progress.latestMs('a'), progress.latestMs('b')]).toEqual([1_000, 0]);
  });

  test('gives a run that breaks up until the next slot', () => {
    const progress = createRunProgress(3);
    const due = [0, 1, 2, 3].map(() => {
      const isDue = progress.isDue('a', first);
      progress.failed('a', first);
      return isDue;
    });
    expect(due).toEqual([true, true, true, false]);
    expect(progress.isDue('a', second)).toBe(true);
  });

  test('forgets models that do not run', () => {
    const progress = createRunProgress(3);
    progress.done('a', first);
    progress.done('b', first);
    progress.keepOnly(['b']);
    expect([progress.isDue('a', first), progress.isDue('b', first)]).toEqual([true, false]);
  });
});
