import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createSerialWork } from '../../../src/services/trading/serial-work.ts';

/** Work that ends when the test lets it. */
function heldWork() {
  const ends: (() => void)[] = [];
  const seen = { runs: 0, atOnce: 0, atOnceMax: 0 };
  const serial = createSerialWork(async () => {
    seen.runs += 1;
    seen.atOnce += 1;
    seen.atOnceMax = Math.max(seen.atOnceMax, seen.atOnce);
    await new Promise<void>((resolve) => ends.push(resolve));
    seen.atOnce -= 1;
  });
  return { serial, seen, end: () => ends.shift()?.() };
}

test('however often it is asked for during a run, one more run follows', async () => {
  const { serial, seen, end } = heldWork();
  for (let times = 0; times < 5; times += 1) serial.ask();
  expect(seen.runs).toBe(1);
  end();
  await nextTurn();
  expect(seen.runs).toBe(2);
  end();
  await serial.rest();
  expect([seen.runs, seen.atOnceMax]).toEqual([2, 1]);
});

test('what is asked for at the end of a run is not lost', async () => {
  let runs = 0;
  const serial = createSerialWork(async () => {
    runs += 1;
    if (runs < 1_000) queueMicrotask(() => serial.ask());
  });
  serial.ask();
  await nextTurn();
  await serial.rest();
  expect(runs).toBe(1_000);
});

test('work that waits for nothing can be asked for again at once', async () => {
  let runs = 0;
  const serial = createSerialWork(async () => {
    runs += 1;
  });
  serial.ask();
  await serial.rest();
  serial.ask();
  await serial.rest();
  expect(runs).toBe(2);
});
