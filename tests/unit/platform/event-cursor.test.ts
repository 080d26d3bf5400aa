import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InvalidInput } from '../../../src/services/platform/errors.ts';
import { decodeCursor, encodeCursor } from '../../../src/services/platform/event-log/cursor.ts';

describe('a cursor', () => {
  test('is read back as the position it was made of', () => {
    const positions = fc.bigInt({ min: 0n, max: 2n ** 63n - 1n });
    fc.assert(
      fc.property(positions, (position) => {
        expect(decodeCursor(encodeCursor(position))).toBe(position);
      }),
    );
  });

  test('is version 1 and 64 bits in base64url', () => {
    // 01 00 00 00 00 00 00 00 02 → 000000 010000 … : "AQAAAAAAAAAC".
    expect(encodeCursor(2n)).toBe('AQAAAAAAAAAC');
  });

  test.each([
    ['nothing', ''],
    ['a number', '12'],
    ['text that is not base64url', '!!!!!!!!!!!!'],
    ['another version', 'AgAAAAAAAAAC'],
    ['a byte too few', 'AQAAAAAAAAA'],
    ['a byte too many', 'AQAAAAAAAAACAA'],
    ['spaces around it', ' AQAAAAAAAAAC'],
    ['padding', 'AQAAAAAAAAAC='],
    ['a position above 2^63 - 1', 'Af__________'],
    ['very long text', 'A'.repeat(1_000_000)],
  ])('refuses %s', (_name, text) => {
    expect(() => decodeCursor(text)).toThrow(InvalidInput);
  });

  test('names the argument it came in', () => {
    expect(() => decodeCursor('?', 'since')).toThrow(expect.objectContaining({ field: 'since' }));
  });

  test('never takes text that it would write otherwise', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          expect(encodeCursor(decodeCursor(text))).toBe(text);
        } catch (error) {
          expect(error).toBeInstanceOf(InvalidInput);
        }
      }),
    );
  });
});
