import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isoTime } from '../../../src/schema/iso-time.ts';

test('a time is written as JavaScript writes it, in any year', () => {
  const property = fc.property(fc.date({ noInvalidDate: true }), (date) => {
    expect(isoTime(date)).toBe(date.toISOString());
  });
  fc.assert(property, { numRuns: 5_000 });
});

test('the ends of a day are of that day', () => {
  for (const text of [
    '2026-11-22T00:00:00.000Z',
    '2026-11-22T23:59:59.999Z',
    '1969-12-31T23:59:59.999Z',
    '2024-02-29T09:05:07.010Z',
  ]) {
    expect(isoTime(new Date(text))).toBe(text);
  }
});

test('what is no time is refused', () => {
  expect(() => isoTime(new Date(Number.NaN))).toThrow(RangeError);
});
