import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isoTime } from '../../../src/services/platform/iso-time.ts';

test('a time is written as by Date', () => {
  const times = fc.date({ noInvalidDate: true }).map((date) => date.getTime());
  fc.assert(fc.property(times, (ms) => isoTime(ms) === new Date(ms).toISOString()));
  for (const ms of [0, -1, 999, 1_000, 1_767_225_599_999, 1_767_225_600_000]) {
    expect([isoTime(ms), isoTime(ms)]).toEqual(Array(2).fill(new Date(ms).toISOString()));
  }
});
