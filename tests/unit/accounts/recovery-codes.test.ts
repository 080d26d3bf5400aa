import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  hashRecoveryCode,
  newRecoveryCodes,
} from '../../../src/services/accounts/recovery-codes.ts';
import { randomBytes } from '../../../src/services/platform/random.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest();

describe('recovery codes', () => {
  test('are ten, all different, in four groups of four', () => {
    const codes = newRecoveryCodes(randomBytes);
    expect(new Set(codes).size).toBe(10);
    for (const code of codes)
      expect(code).toMatch(/^([0-9a-hjkmnp-tv-z]{4}-){3}[0-9a-hjkmnp-tv-z]{4}$/);
  });

  /*
   * Five bits a character: 80 zeros are sixteen 0; 80 ones are sixteen z, the 32nd character; and
   * 00 44 32 14 c7 42 54 b6 35 cf, which is 00000 00001 00010 … 01111, counts from 0 to f in base 32.
   */
  test.each([
    ['00000000000000000000', '0000-0000-0000-0000'],
    ['ffffffffffffffffffff', 'zzzz-zzzz-zzzz-zzzz'],
    ['00443214c74254b635cf', '0123-4567-89ab-cdef'],
  ])('are their bytes %s in base 32: %s', (hex, code) => {
    const bytes = Buffer.from(hex, 'hex');
    expect(newRecoveryCodes((size) => bytes.subarray(0, size))[0]).toBe(code);
  });

  test('are known by their hash, however they are typed', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 10, maxLength: 10 }), (bytes) => {
        const [code = ''] = newRecoveryCodes(() => bytes);
        const hash = sha256(code.replaceAll('-', ''));
        expect(hashRecoveryCode(code)).toEqual(hash);
        expect(hashRecoveryCode(` ${code.toUpperCase().replaceAll('-', ' ')}\n`)).toEqual(hash);
        const misread = code.replaceAll('0', 'O').replaceAll('1', 'l');
        expect(hashRecoveryCode(misread)).toEqual(hash);
      }),
    );
  });

  test.each([
    '',
    '123456',
    '0123-4567-89ab-cde',
    '0123-4567-89ab-cdefg',
    '0123-4567-89ab-cdeu',
    'ı',
  ])('are not like %j', (typed) => {
    expect(hashRecoveryCode(typed)).toBeUndefined();
  });
});
