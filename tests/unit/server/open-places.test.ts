import { expect, test } from 'vitest';
import { createOpenPlaces } from '../../../src/server/open-places.ts';

test('one address takes its own places, and leaves the others theirs', () => {
  const places = createOpenPlaces({ all: 4, each: 2 });
  const first = places.take('192.0.2.1');
  expect([typeof first, typeof places.take('192.0.2.1')]).toEqual(['function', 'function']);
  expect(places.take('192.0.2.1')).toBeUndefined();
  expect(typeof places.take('192.0.2.2')).toBe('function');
  // Those whose address is not known are one.
  expect(typeof places.take(null)).toBe('function');
  expect(places.take('192.0.2.3')).toBeUndefined();
});

test('a place that is given back can be taken again, once', () => {
  const places = createOpenPlaces({ all: 1, each: 1 });
  const giveBack = places.take('192.0.2.1');
  giveBack?.();
  giveBack?.();
  expect(typeof places.take('192.0.2.2')).toBe('function');
  expect(places.take('192.0.2.1')).toBeUndefined();
});
