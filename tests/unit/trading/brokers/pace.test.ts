import { expect, test } from 'vitest';
import { createPace } from '../../../../src/services/trading/brokers/pace.ts';
import { createManualTime } from '../../../support/manual-time.ts';

test('so many go at once, and then one each interval, in order', async () => {
  const time = createManualTime(new Date('2026-03-02T15:00:00Z'));
  // 60 a minute: one each second; 2 at once.
  const pace = createPace({ ...time, perMinute: 60, burst: 2 });
  const gone: number[] = [];
  const asked = [1, 2, 3, 4].map(async (number) => {
    await pace.turn();
    gone.push(number);
  });
  await Promise.resolve();
  await Promise.all(asked.slice(0, 2));
  expect(gone).toEqual([1, 2]);
  time.advance(1_000);
  await asked[2];
  expect(gone).toEqual([1, 2, 3]);
  time.advance(1_000);
  await asked[3];
  expect(gone).toEqual([1, 2, 3, 4]);
  // What was not used is there again, and never more than that.
  time.advance(60_000);
  await Promise.all([pace.turn(), pace.turn()]);
  let isThird = false;
  void pace.turn().then(() => (isThird = true));
  await Promise.resolve();
  expect(isThird).toBe(false);
});
