import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { gatherLookUps, type LookUpAll } from '../../../src/services/platform/gathered-look-ups.ts';

/** Look-ups that are answered when the test says so: each key with itself in capitals. */
function createDesk() {
  const asked: { readonly keys: readonly string[]; readonly answer: () => void }[] = [];
  const lookUp: LookUpAll<string, string> = async (keys) => {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    asked.push({
      keys,
      answer() {
        resolve(undefined);
      },
    });
    await promise;
    return keys.map((key) => key.toUpperCase());
  };
  return { asked, find: gatherLookUps(lookUp) };
}

describe('look-ups that are gathered', () => {
  test('ask at once for who comes alone', async () => {
    const { asked, find } = createDesk();
    const found = find('a');
    expect(asked.map(({ keys }) => keys)).toEqual([['a']]);
    asked[0]?.answer();
    expect(await found).toBe('A');
  });

  test('ask together for all who came during the one before, each with its own answer', async () => {
    const { asked, find } = createDesk();
    const found = ['a', 'b', 'c', 'b'].map((key) => find(key));
    expect(asked).toHaveLength(1);
    asked[0]?.answer();
    await setImmediate();
    expect(asked.map(({ keys }) => keys)).toEqual([['a'], ['b', 'c', 'b']]);
    asked[1]?.answer();
    expect(await Promise.all(found)).toEqual(['A', 'B', 'C', 'B']);
  });

  test('answer nobody with what was asked before they came', async () => {
    let version = 1;
    const find = gatherLookUps(async (keys: readonly string[]) => {
      const read = version;
      await setImmediate();
      return keys.map(() => read);
    });
    const earlier = find('a');
    version = 2;
    const later = find('a');
    expect(await Promise.all([earlier, later])).toEqual([1, 2]);
  });

  test('take a few hundred at a time', async () => {
    const sizes: number[] = [];
    const find = gatherLookUps(async (keys: readonly number[]) => {
      sizes.push(keys.length);
      await setImmediate();
      return keys;
    });
    const keys = Array.from({ length: 1_201 }, (_, key) => key);
    expect(await Promise.all(keys.map((key) => find(key)))).toEqual(keys);
    // The first went alone; of the 1,200 behind it, 500 at most go together.
    expect(sizes).toEqual([1, 500, 500, 200]);
  });

  test('fail for those who asked together, and go on for those who come later', async () => {
    let isAway = true;
    const find = gatherLookUps(async (keys: readonly string[]) => {
      await setImmediate();
      if (isAway) throw new Error('The database is away.');
      return keys;
    });
    const outcomes = await Promise.allSettled([find('a'), find('b'), find('c')]);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    isAway = false;
    expect(await find('d')).toBe('d');
  });
});
