import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  hashApiKey,
  isWellFormed,
  looksLikeApiKey,
  newApiKey,
  shownPart,
} from '../../../src/services/accounts/api-key.ts';

const environments = fc.constantFrom('LIVE', 'TEST');
const keys = fc
  .tuple(environments, fc.uint8Array({ minLength: 32, maxLength: 32 }))
  .map(([environment, bytes]) => newApiKey(environment, () => bytes));

describe('a key', () => {
  test('says what it is for, has 256 bits, and ends with their checksum', () => {
    const key = newApiKey('TEST', (size) => new Uint8Array(size));
    // 32 bytes of zero are 43 letters A, and the checksum is CRC-32 in 4 bytes, the highest first.
    const body = `tg_test_${'A'.repeat(43)}`;
    const bytes = crc32(body).toString(16).padStart(8, '0');
    expect(key).toBe(body + Buffer.from(bytes, 'hex').toString('base64url'));
    expect(shownPart(key)).toBe('tg_test_AAAA');
    expect(newApiKey('LIVE', (size) => new Uint8Array(size))).toMatch(/^tg_live_A{43}/);
  });

  test('is well formed, and is told from access and refresh tokens', () => {
    fc.assert(
      fc.property(keys, (key) => {
        expect(key).toMatch(/^tg_(live|test)_[\w-]{43}[\w-]{6}$/);
        expect([isWellFormed(key), looksLikeApiKey(key)]).toEqual([true, true]);
      }),
    );
    for (const other of [
      '',
      'eyJhbGciOiJIUzI1NiJ9.e30.x',
      'tg_refresh_abc',
      ' tg_live_',
      'TG_LIVE_',
    ]) {
      expect([isWellFormed(other), looksLikeApiKey(other)]).toEqual([false, false]);
    }
  });

  test('that was mistyped is known as such', () => {
    const place = fc.nat({ max: 56 });
    const character = fc.constantFrom('A', 'B', 'c', '0', '1', '_', '-', '.', ' ', 'é', '\u0000');
    fc.assert(
      fc.property(keys, place, character, (key, at, typed) => {
        fc.pre(key[at] !== typed);
        // CRC-32 finds every error that lies within 32 bits.
        expect(isWellFormed(key.slice(0, at) + typed + key.slice(at + 1))).toBe(false);
      }),
    );
  });

  test('is stored as its SHA-256', () => {
    const key = newApiKey('LIVE', (size) => new Uint8Array(size));
    expect(hashApiKey(key)).toEqual(createHash('sha256').update(key).digest());
  });
});
