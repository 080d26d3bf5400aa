import { expect, test } from 'vitest';
import { createConflatedStream } from '../../../src/services/platform/event-log/conflated-stream.ts';
import { createManualTime } from '../../support/manual-time.ts';

/** A number that counts up, and a reader of it. */
function openCounter() {
  const time = createManualTime(new Date('2026-03-02T15:00:00Z'));
  const state = { count: 0, reads: 0, isClosed: false, mayGive: true };
  const told: { change?: () => void; end?: (error: unknown) => void } = {};
  const stream = createConflatedStream<number>({
    ...time,
    mayGive: () => state.mayGive,
    life: { onBegin: () => undefined, onEnd: () => undefined },
    follow: async (change, end) => {
      Object.assign(told, { change, end });
      return {
        read() {
          state.reads += 1;
          return state.count;
        },
        close() {
          state.isClosed = true;
        },
      };
    },
  });
  return {
    ...{ time, state, stream },
    change() {
      state.count += 1;
      told.change?.();
    },
    end: (error: Error) => told.end?.(error),
    next: async () => (await stream.next()).value,
  };
}

test('the value comes first as it is, and then as it changes, four times a second', async () => {
  const { time, change, next, state } = openCounter();
  expect(await next()).toBe(0);
  const second = next();
  for (let n = 0; n < 100; n += 1) change();
  expect(state.reads).toBe(1);
  time.advance(249);
  expect(state.reads).toBe(1);
  time.advance(1);
  expect(await second).toBe(100);
  let given = 0;
  for (let n = 0; n < 100; n += 1) {
    void next().then(() => (given += 1));
    change();
    time.advance(10);
    await new Promise(setImmediate);
  }
  // A second has four quarters.
  expect(given).toBe(4);
});

test('a slow reader gets the newest value, and nothing is kept for them', async () => {
  const { time, change, next, state } = openCounter();
  expect(await next()).toBe(0);
  for (let n = 0; n < 50; n += 1) {
    change();
    time.advance(1_000);
  }
  expect(state.reads).toBe(1);
  expect(await next()).toBe(50);
});

test('what does not change is not told again', async () => {
  const { time, next, change } = openCounter();
  await next();
  let isTold = false;
  const second = next().then((value) => {
    isTold = true;
    return value;
  });
  time.advance(60_000);
  await Promise.resolve();
  expect(isTold).toBe(false);
  change();
  expect(await second).toBe(1);
});

test('its reader hears why it was lost, and closes it by leaving', async () => {
  const lost = openCounter();
  await lost.next();
  const waiting = lost.stream.next();
  lost.end(new Error('The events are away.'));
  await expect(waiting).rejects.toThrow('The events are away.');
  expect(lost.state.isClosed).toBe(true);

  const left = openCounter();
  await left.next();
  await left.stream.return?.();
  expect(left.state.isClosed).toBe(true);
});
