import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isoTime } from '../../../src/schema/iso-time.ts';

test('a time is written as JavaScript writes it, in any year', () => {
  const property = fc.property(fc.date({ noInvalidDate: true }), (date) => {
    expect(isoTime(date.getTime())).toBe(date.toISOString());
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
    expect(isoTime(Date.parse(text))).toBe(text);
  }
});

test('what is no time is refused', () => {
  expect(() => isoTime(Number.NaN)).toThrow(RangeError);
});

test('a time is the same again, and so are those about it', () => {
  for (const ms of [0, -1, 999, 1_000, 1_767_225_599_999, 1_767_225_600_000]) {
    expect([isoTime(ms), isoTime(ms)]).toEqual(Array(2).fill(new Date(ms).toISOString()));
  }
});
