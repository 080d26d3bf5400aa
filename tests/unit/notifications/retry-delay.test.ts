import { expect, it } from 'vitest';
import { retryDelayMs } from '../../../src/services/notifications/retry-delay.ts';

const SECOND_MS = 1_000;
const attempts = Array.from({ length: 29 }, (_, index) => index + 1);

it('grows from half a minute to an hour', () => {
  const seconds = attempts.map((attempt) => Number(retryDelayMs(attempt, 0.5)) / SECOND_MS);
  expect(seconds.slice(0, 9)).toEqual([30, 60, 120, 240, 480, 960, 1_920, 3_600, 3_600]);
  // 30 + 60 + … + 1,920 = 3,810, and 22 hours of 3,600 = 79,200: some 23 hours in all.
  expect(seconds.reduce((sum, delay) => sum + delay, 0)).toBe(83_010);
});

it('is a quarter longer or shorter by chance', () => {
  expect(retryDelayMs(1, 0)).toBe(22_500);
  expect(retryDelayMs(1, 0.999_999)).toBe(37_500);
});

it('ends with the thirtieth try', () => {
  expect(retryDelayMs(29, 0.5)).toBeDefined();
  expect(retryDelayMs(30, 0.5)).toBeUndefined();
});
