import { expect, test } from 'vitest';
import { createTurns } from '../../../src/services/platform/turns.ts';

/** Work that begins and ends on command, and writes down when. */
function createWorks(runningMax: number) {
  const turns = createTurns({ runningMax });
  const begun: string[] = [];
  const ends = new Map<string, PromiseWithResolvers<string>>();
  const add = (name: string, key = name): Promise<string> => {
    const end = Promise.withResolvers<string>();
    ends.set(name, end);
    return turns.run(key, () => {
      begun.push(name);
      return end.promise;
    });
  };
  const settle = async (): Promise<void> => {
    for (let step = 0; step < 10; step += 1) await Promise.resolve();
  };
  return {
    ...{ begun, add, settle },
    end: async (name: string) => {
      ends.get(name)?.resolve(name);
      await settle();
    },
    fail: async (name: string) => {
      ends.get(name)?.reject(new Error(name));
      await settle();
    },
  };
}

test('so much runs at once, and the rest in the order in which it came', async () => {
  const { begun, add, end, settle } = createWorks(2);
  const all = ['a', 'b', 'c', 'd'].map((name) => add(name));
  await settle();
  expect(begun).toEqual(['a', 'b']);
  await end('b');
  expect(begun).toEqual(['a', 'b', 'c']);
  await end('a');
  await end('c');
  await end('d');
  expect(await Promise.all(all)).toEqual(['a', 'b', 'c', 'd']);
});

test('two of one key never run at once, and hold up nobody else', async () => {
  const { begun, add, end, settle } = createWorks(2);
  void add('a1', 'a');
  void add('a2', 'a');
  void add('b1', 'b');
  await settle();
  expect(begun).toEqual(['a1', 'b1']);
  await end('b1');
  expect(begun).toEqual(['a1', 'b1']);
  await end('a1');
  expect(begun).toEqual(['a1', 'b1', 'a2']);
});

test('what fails gives its turn on', async () => {
  const { begun, add, fail, settle } = createWorks(1);
  const failing = add('a');
  failing.catch(() => undefined);
  void add('b');
  await settle();
  await fail('a');
  await expect(failing).rejects.toThrow('a');
  expect(begun).toEqual(['a', 'b']);
});
