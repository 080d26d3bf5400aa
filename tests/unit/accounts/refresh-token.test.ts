import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import {
  hashRefreshToken,
  newRefreshToken,
  openNext,
  sealNext,
} from '../../../src/services/accounts/refresh-token.ts';

describe('a refresh token', () => {
  test('is 32 random bytes behind a word that tells what it is', () => {
    const asked: number[] = [];
    const token = newRefreshToken((size) => {
      asked.push(size);
      return new Uint8Array(size).fill(255);
    });
    expect(asked).toEqual([32]);
    // 32 bytes of ones are 42 groups of six ones, four ones that are left, and two zeros: 111100.
    expect(token).toBe(`tg_refresh_${'_'.repeat(42)}8`);
  });

  test('is stored as its SHA-256', () => {
    // Of "abc": FIPS 180-2, B.1.
    expect(hashRefreshToken('abc').toString('hex')).toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    );
  });

  test('opens what follows it, and nothing else does', () => {
    const [token, next, other] = [1, 2, 3].map(() => newRefreshToken(randomBytes));
    const sealed = sealNext(String(token), String(next), randomBytes);
    expect(openNext(String(token), sealed)).toBe(next);
    expect(sealed.includes(String(next))).toBe(false);
    expect(() => openNext(String(other), sealed)).toThrow();
    // Who reads the table has the hash, which is no key either.
    const stored = hashRefreshToken(String(token));
    expect(() => openNext(stored.toString('hex'), sealed)).toThrow();
    for (let at = 0; at < sealed.length; at += 1) {
      const changed = Buffer.from(sealed);
      changed[at] = Number(changed[at]) ^ 1;
      expect(() => openNext(String(token), changed)).toThrow();
    }
    expect(() => openNext(String(token), new Uint8Array())).toThrow();
  });
});
