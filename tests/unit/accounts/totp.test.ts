import fc from 'fast-check';
import { Secret } from 'otpauth';
import { describe, expect, test } from 'vitest';
import { newTotpSecret, stepOfCode, totpUri } from '../../../src/services/accounts/totp.ts';
import { randomBytes } from '../../../src/services/platform/random.ts';

/** The secret of RFC 6238, appendix B: the digits of 20 bytes. */
const SECRET = Secret.fromLatin1('12345678901234567890').base32;
const at = (seconds: number) => new Date(seconds * 1_000);

describe('a code', () => {
  /*
   * RFC 6238, appendix B, SHA-1: the last six of its eight digits, since a code is a number modulo a power
   * of ten. The step is the time divided by 30, rounded down: 59 / 30 = 1; 1111111109 / 30 = 37037036.97;
   * 1111111111 / 30 = 37037037.03; 1234567890 / 30 = 41152263; 2000000000 / 30 = 66666666.67;
   * 20000000000 / 30 = 666666666.67.
   */
  test.each([
    [59, '287082', 1n],
    [1_111_111_109, '081804', 37_037_036n],
    [1_111_111_111, '050471', 37_037_037n],
    [1_234_567_890, '005924', 41_152_263n],
    [2_000_000_000, '279037', 66_666_666n],
    [20_000_000_000, '353130', 666_666_666n],
  ])('of second %i is %s, of step %i', (seconds, code, step) => {
    expect(stepOfCode(SECRET, { code, now: at(seconds) })).toBe(step);
  });

  // Step 37037037 lasts from 1111111110 up to 1111111140.
  test.each([
    [1_111_111_080, 'in the step before'],
    [1_111_111_110, 'as its step begins'],
    [1_111_111_139, 'as its step ends'],
    [1_111_111_169, 'as the step after ends'],
  ])('is good at second %i, %s, and keeps its own step', (seconds) => {
    expect(stepOfCode(SECRET, { code: '050471', now: at(seconds) })).toBe(37_037_037n);
  });

  test.each([1_111_111_079, 1_111_111_170, 59, 20_000_000_000])(
    'is good no more at second %i',
    (seconds) => {
      expect(stepOfCode(SECRET, { code: '050471', now: at(seconds) })).toBeUndefined();
    },
  );

  test.each(['050472', '50471', '0504710', '', '      ', '٠٥٠٤٧١', '0x504', '-50471', '5.0471'])(
    'is not %j',
    (code) => {
      expect(stepOfCode(SECRET, { code, now: at(1_111_111_111) })).toBeUndefined();
    },
  );

  test('of another secret is none', () => {
    const other = newTotpSecret(randomBytes);
    const code = '050471';
    const steps = [0, 1, 2].map((minutes) =>
      stepOfCode(other, { code, now: at(1_111_111_111 + minutes * 3_600) }),
    );
    // Three guesses with three codes each: a chance of 9 in a million that one is right.
    expect(steps).toEqual([undefined, undefined, undefined]);
  });
});

describe('a secret', () => {
  test('has 160 bits, all of them random', () => {
    const bytes = Uint8Array.from({ length: 20 }, (_, index) => index);
    const secret = newTotpSecret((size) => bytes.subarray(0, size));
    expect([...Secret.fromBase32(secret).bytes]).toEqual([...bytes]);
    expect(secret).toMatch(/^[A-Z2-7]{32}$/);
  });

  test('takes no more of a shared buffer than its own bytes', () => {
    const pool = new Uint8Array(100).fill(7);
    const secret = newTotpSecret((size) => pool.subarray(40, 40 + size));
    expect(Secret.fromBase32(secret).bytes).toHaveLength(20);
  });

  test('goes to an app as a URI that says how its codes are made', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Za-z0-9_]{3,32}$/), (username) => {
        const uri = new URL(totpUri({ secret: SECRET, username }));
        expect(`${uri.protocol}//${uri.host}${decodeURIComponent(uri.pathname)}`).toBe(
          `otpauth://totp/Tradegraph:${username}`,
        );
        expect(Object.fromEntries(uri.searchParams)).toEqual({
          ...{ issuer: 'Tradegraph', secret: SECRET, algorithm: 'SHA1', digits: '6', period: '30' },
        });
      }),
    );
  });
});
