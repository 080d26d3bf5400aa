import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createSlices } from '../../../src/server/slices.ts';

test('what comes alone is done at once', () => {
  const slices = createSlices(2);
  const done: number[] = [];
  slices.run(() => done.push(1));
  expect(done).toEqual([1]);
});

test('what comes together is done in turns, in its order, and others have theirs between', async () => {
  const slices = createSlices(2);
  const done: (number | string)[] = [];
  for (let n = 1; n <= 5; n += 1) slices.run(() => done.push(n));
  expect(done).toEqual([1, 2]);
  await setImmediate();
  done.push('another');
  await setImmediate();
  done.push('another');
  await setImmediate();
  expect(done).toEqual([1, 2, 3, 4, 'another', 5, 'another']);
});

test('nobody goes past those who wait', async () => {
  const slices = createSlices(1);
  const done: string[] = [];
  slices.run(() => done.push('first'));
  slices.run(() => done.push('second'));
  slices.run(() => done.push('third'));
  await setImmediate();
  slices.run(() => done.push('last'));
  expect(done).toEqual(['first', 'second']);
  await setImmediate();
  await setImmediate();
  expect(done).toEqual(['first', 'second', 'third', 'last']);
});

test('a turn in which nothing was done leaves all of the next one', async () => {
  const slices = createSlices(2);
  const done: number[] = [];
  for (let n = 1; n <= 2; n += 1) slices.run(() => done.push(n));
  await setImmediate();
  await setImmediate();
  for (let n = 3; n <= 4; n += 1) slices.run(() => done.push(n));
  expect(done).toEqual([1, 2, 3, 4]);
});
