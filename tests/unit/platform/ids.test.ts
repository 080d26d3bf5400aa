import { expect, test } from 'vitest';
import { createIds } from '../../../src/services/platform/ids.ts';
import { randomBytes } from '../../../src/services/platform/random.ts';

const at = (times: number[]) => {
  let call = -1;
  return { now: () => new Date(times[Math.min((call += 1), times.length - 1)] ?? 0) };
};

test('ids are UUIDv7 with the time of the clock in front', () => {
  // The first 48 bits are the milliseconds since 1970 (RFC 9562, 5.7).
  const id = createIds(at([1_767_225_600_000]), randomBytes).next();
  expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16)).toBe(1_767_225_600_000);
});

test('each id is greater than the one before, in one millisecond and when the clock steps back', () => {
  const ids = createIds(at([5_000, 5_000, 5_000, 4_000, 3_000, 6_000]), randomBytes);
  const made = Array.from({ length: 2_000 }, () => ids.next());
  expect(made).toEqual([...made].sort());
  expect(new Set(made).size).toBe(made.length);
});

test('the same random bytes and clock give the same ids', () => {
  const make = () => createIds(at([5_000]), (size) => new Uint8Array(size).fill(7)).next();
  expect(make()).toBe(make());
});
