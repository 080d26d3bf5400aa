import { describe, expect, test } from 'vitest';
import { TooBusy, WeakPassword } from '../../../src/services/accounts/errors.ts';
import { createPasswords } from '../../../src/services/accounts/passwords.ts';

const cost = { memoryKib: 8_192, passes: 1, lanes: 1 };
const passwords = createPasswords({ cost });

describe('a password', () => {
  test.each([
    ['eleven letters', 'a'.repeat(11)],
    ['eleven emojis of two code units each', '🦊'.repeat(11)],
    ['more than 256 characters', 'a'.repeat(257)],
    ['a megabyte', 'a'.repeat(1_000_000)],
    ['half a character', 'a'.repeat(12) + '\ud800'],
  ])('of %s is refused', (_what, password) => {
    expect(() => {
      passwords.assertAcceptable(password);
    }).toThrow(WeakPassword);
  });

  test.each([
    ['twelve characters', 'correct hors'],
    ['256 characters', 'a'.repeat(256)],
    ['twelve emojis', '🦊'.repeat(12)],
  ])('of %s is accepted', (_what, password) => {
    expect(() => {
      passwords.assertAcceptable(password);
    }).not.toThrow();
  });

  test('is hashed with argon2id at the cost that was set, and never twice alike', async () => {
    const [one, two] = await Promise.all([
      passwords.hash('correct horse'),
      passwords.hash('correct horse'),
    ]);
    expect(one).toMatch(/^\$argon2id\$v=19\$m=8192,p=1,t=1\$|^\$argon2id\$v=19\$m=8192,t=1,p=1\$/);
    expect(one).not.toBe(two);
    expect(await passwords.verify(one, 'correct horse')).toBe(true);
    expect(await passwords.verify(one, 'correct horsf')).toBe(false);
  });

  test('is the same from a keyboard that composes its letters and one that does not', async () => {
    const composed = await passwords.hash('caf\u00e9 au lait noir');
    expect(await passwords.verify(composed, 'cafe\u0301 au lait noir')).toBe(true);
  });

  test('of nobody is wrong, after as much work as that of somebody', async () => {
    const costly = createPasswords({ cost: { memoryKib: 65_536, passes: 4, lanes: 1 } });
    const hash = await costly.hash('correct horse');
    const timeOf = async (work: () => Promise<boolean>) => {
      const start = performance.now();
      expect(await work()).toBe(false);
      return performance.now() - start;
    };
    const somebody = await timeOf(() => costly.verify(hash, 'wrong password'));
    const nobody = await timeOf(() => costly.verify(undefined, 'wrong password'));
    // Without the work it would be a thousandth: a factor of four leaves room for a busy machine.
    expect(nobody).toBeGreaterThan(somebody / 4);
  });

  test('that comes while too many wait is turned away at once', async () => {
    const narrow = createPasswords({ cost, hashesMax: 1, waitingMax: 2 });
    const hashes = Array.from({ length: 5 }, () => narrow.hash('correct horse'));
    const outcomes = await Promise.allSettled(hashes);
    expect(outcomes.map(({ status }) => status)).toEqual([
      ...['fulfilled', 'fulfilled', 'fulfilled'],
      ...['rejected', 'rejected'],
    ]);
    const [refused] = outcomes.filter((outcome) => outcome.status === 'rejected');
    expect(refused?.reason).toBeInstanceOf(TooBusy);
    expect(refused?.reason).toMatchObject({ code: 'RATE_LIMITED', retryAfterSeconds: 2 });
  });
});
