import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TooBusy, WeakPassword } from '../../../src/services/accounts/errors.ts';
import { createPasswords } from '../../../src/services/accounts/passwords.ts';

const cost = { memoryKib: 8_192, passes: 1, lanes: 1 };
const passwords = createPasswords({ cost });
const NAMES = ['owner_of_much', 'owner@house.example'];

describe('a password', () => {
  test.each([
    ['eleven letters', 'a'.repeat(11)],
    ['eleven emojis of two code units each', '🦊'.repeat(11)],
    ['more than 256 characters', 'a'.repeat(257)],
    ['a megabyte', 'a'.repeat(1_000_000)],
    ['half a character', 'a'.repeat(12) + '\ud800'],
    ['a common word and what makes it pass', 'Password1234!'],
    ['a common word between signs', '...!Administrator!...'],
    ['a common word in wide letters', '\uff50\uff41\uff53\uff53\uff57\uff4f\uff52\uff441234'],
    ['a common word twice', 'dragonDRAGON'],
    ['a few characters again and again', 'ab1!'.repeat(5)],
    ['digits that follow one another', '12345678901234'],
    ['letters that fall', 'zyxwvutsrqponmlkjihgfedcba'],
    ['the user name', 'Owner_Of_Much'],
    ['the user name and some digits', 'owner_of_much2026'],
    ['the e-mail', 'owner@house.example'],
  ])('of %s is refused', async (_what, password) => {
    await expect(passwords.assertAcceptable(password, NAMES)).rejects.toThrow(WeakPassword);
  });

  test.each([
    ['twelve characters', 'correct hors'],
    ['256 characters', 'correct horse battery staple, '.repeat(9).slice(0, 256)],
    ['twelve emojis', '🦊🐎🔋📎🦊🐎🔋🦊🐎🔋📎🐎'],
    ['a common word within others', 'the password of ada'],
    ['the user name within others', 'owner_of_much has a horse'],
    ['digits alone, in no order', '8302957710468'],
  ])('of %s is accepted', async (_what, password) => {
    await passwords.assertAcceptable(password, NAMES);
  });

  test('of 128 random bits is accepted, however it is written', async () => {
    const texts = fc
      .uint8Array({ minLength: 16, maxLength: 16 })
      .map((bytes) => Buffer.from(bytes))
      .filter((bytes) => new Set(bytes).size > 8);
    await fc.assert(
      fc.asyncProperty(texts, fc.constantFrom('hex', 'base64url'), (bytes, encoding) =>
        passwords.assertAcceptable(bytes.toString(encoding), NAMES),
      ),
    );
  });

  test('of common words is refused in any case, between any digits and signs', async () => {
    const word = fc.constantFrom('password', 'administrator', 'qwertyuiop', 'dragon', 'letmein');
    const around = fc.stringMatching(/^[0-9!?._-]{6,20}$/);
    await fc.assert(
      fc.asyncProperty(word, around, around, fc.boolean(), async (text, before, after, isLoud) => {
        const password = before + (isLoud ? text.toUpperCase() : text) + after;
        await expect(passwords.assertAcceptable(password, NAMES)).rejects.toThrow(WeakPassword);
      }),
    );
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

  test('has a hash that is out of date as soon as another cost is asked for', async () => {
    const hash = await passwords.hash('correct horse');
    expect(await passwords.isOutdated(hash)).toBe(false);
    for (const changed of [{ memoryKib: 9_216 }, { passes: 2 }, { lanes: 2 }]) {
      const others = createPasswords({ cost: { ...cost, ...changed } });
      expect(await others.isOutdated(hash)).toBe(true);
    }
  });

  test('of nobody is wrong, after as much work as that of somebody', async () => {
    const costly = createPasswords({ cost: { memoryKib: 65_536, passes: 4, lanes: 1 } });
    const hash = await costly.hash('correct horse');
    // The quickest of three, since a busy machine can only make it longer.
    const timeOf = async (work: () => Promise<boolean>) => {
      const tookMs: number[] = [];
      for (let tried = 0; tried < 3; tried += 1) {
        const start = performance.now();
        expect(await work()).toBe(false);
        tookMs.push(performance.now() - start);
      }
      return Math.min(...tookMs);
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
