import { beforeEach, expect, test } from 'vitest';
import { RateLimited } from '../../../src/services/platform/errors.ts';
import { createRateLimits, type RateLimits } from '../../../src/services/platform/rate-limits.ts';

const RULE = { name: 'asked', points: 5, windowSeconds: 60 };
let nowMs: number;
let limits: RateLimits;
beforeEach(() => {
  nowMs = 1_000;
  limits = createRateLimits(() => nowMs);
});

test('points are taken until none are left, and answered at once', async () => {
  expect(limits.take(RULE, 'ada', 2)).toEqual({ remaining: 3, resetInMs: 60_000 });
  nowMs += 20_000.5;
  // The window began with the first of them, and lasts 39,999.5 ms more.
  expect(limits.take(RULE, 'ada', 3)).toEqual({ remaining: 0, resetInMs: 40_000 });
  await expect(limits.take(RULE, 'ada')).rejects.toEqual(new RateLimited(40));
  expect(limits.take(RULE, 'bob', 5)).toMatchObject({ remaining: 0 });
  // What was refused counts as asked.
  expect(await limits.look(RULE, 'ada')).toEqual({ taken: 6, resetInMs: 40_000 });
});

test('all are back when the window is over', async () => {
  await limits.take(RULE, 'ada', 5);
  nowMs += 59_999;
  await expect(limits.take(RULE, 'ada')).rejects.toBeInstanceOf(RateLimited);
  nowMs += 1;
  expect(await limits.look(RULE, 'ada')).toEqual({ taken: 0, resetInMs: 0 });
  expect(limits.take(RULE, 'ada')).toEqual({ remaining: 4, resetInMs: 60_000 });
});

test('a window that is over goes with the next that begins, and no other', async () => {
  await limits.take(RULE, 'ada', 5);
  nowMs += 30_000;
  await limits.take(RULE, 'bob', 5);
  nowMs += 30_000;
  await limits.take(RULE, 'ada', 1);
  nowMs += 20_000;
  await limits.take(RULE, 'eve', 1);
  await expect(limits.take(RULE, 'bob')).rejects.toBeInstanceOf(RateLimited);
  expect(limits.take(RULE, 'ada', 4)).toMatchObject({ remaining: 0, resetInMs: 40_000 });
});

test('rules count apart', async () => {
  await limits.take(RULE, 'ada', 5);
  expect(limits.take({ ...RULE, name: 'other' }, 'ada')).toMatchObject({ remaining: 4 });
});

test('points that are counted are never refused, given back, and forgotten', async () => {
  for (let count = 1; count <= 7; count += 1) expect(await limits.count(RULE, 'ada')).toBe(count);
  await limits.giveBack(RULE, 'ada');
  expect(await limits.look(RULE, 'ada')).toMatchObject({ taken: 6 });
  await limits.reset(RULE, 'ada');
  expect(limits.take(RULE, 'ada', 5)).toMatchObject({ remaining: 0 });
});
