import { expect, test } from 'vitest';
import { createBatches } from '../../../src/services/platform/batches.ts';

type Item = readonly [name: string, key: string];

/** Work that begins and ends on command, and writes down when: a batch is the names of its items. */
function createWorks(runningMax: number, batchMax = 3) {
  const begun: string[] = [];
  const ends = new Map<string, PromiseWithResolvers<void>>();
  const endOf = (batch: string): Promise<void> => {
    begun.push(batch);
    const end = Promise.withResolvers<undefined>();
    ends.set(batch, end as PromiseWithResolvers<void>);
    return end.promise;
  };
  const notTogether = new Set<string>();
  const run = createBatches<Item, string>({
    ...{ runningMax, batchMax },
    keyOf: ([, key]) => key,
    async alone([name]) {
      await endOf(name);
      return name;
    },
    async together(items) {
      await endOf(items.map(([name]) => name).join('+'));
      return items.map(([name]) => {
        if (notTogether.has(name)) return undefined;
        if (name.endsWith('!')) return { status: 'rejected', reason: new Error(name) };
        return { status: 'fulfilled', value: `${name} together` };
      });
    },
  });
  const settle = async (): Promise<void> => {
    for (let step = 0; step < 20; step += 1) await Promise.resolve();
  };
  return {
    ...{ begun, settle, notTogether },
    add: (name: string, key = name) => run([name, key]),
    end: async (batch: string) => {
      ends.get(batch)?.resolve();
      await settle();
    },
    fail: async (batch: string) => {
      ends.get(batch)?.reject(new Error(batch));
      await settle();
    },
  };
}

test('what comes alone begins at once, and what has to wait is done together', async () => {
  const { begun, add, end, settle } = createWorks(2);
  const all = ['a', 'b', 'c', 'd'].map((name) => add(name));
  await settle();
  expect(begun).toEqual(['a', 'b']);
  await end('b');
  expect(begun).toEqual(['a', 'b', 'c+d']);
  await end('c+d');
  await end('a');
  expect(await Promise.all(all)).toEqual(['a', 'b', 'c together', 'd together']);
});

test('a batch has so many pieces and no more', async () => {
  const { begun, add, end, settle } = createWorks(1);
  for (const name of ['a', 'b', 'c', 'd', 'e']) void add(name);
  await settle();
  await end('a');
  await end('b+c+d');
  expect(begun).toEqual(['a', 'b+c+d', 'e']);
});

test('two of one key never run at once, and hold up nobody else', async () => {
  const { begun, add, end, settle } = createWorks(2);
  for (const [name, key] of [
    ['a1', 'a'],
    ['a2', 'a'],
    ['b1', 'b'],
  ] as const)
    void add(name, key);
  await settle();
  expect(begun).toEqual(['a1', 'b1']);
  await end('b1');
  expect(begun).toEqual(['a1', 'b1']);
  await end('a1');
  expect(begun).toEqual(['a1', 'b1', 'a2']);
});

test('what fails alone gives its turn on', async () => {
  const { begun, add, fail, settle } = createWorks(1);
  const failing = add('a');
  failing.catch(() => undefined);
  void add('b');
  await settle();
  await fail('a');
  await expect(failing).rejects.toThrow('a');
  expect(begun).toEqual(['a', 'b']);
});

test('a batch that fails is done again one by one', async () => {
  const { begun, add, end, fail, settle } = createWorks(1);
  const all = ['a', 'b', 'c'].map((name) => add(name));
  await settle();
  await end('a');
  await fail('b+c');
  await end('b');
  await end('c');
  expect(begun).toEqual(['a', 'b+c', 'b', 'c']);
  expect(await Promise.all(all)).toEqual(['a', 'b', 'c']);
});

test('one of a batch may fail, and one may have to be done alone', async () => {
  const { begun, add, end, settle, notTogether } = createWorks(1);
  notTogether.add('c');
  const [a, failing, c, d] = ['a', 'b!', 'c', 'd'].map((name) => add(name));
  failing?.catch(() => undefined);
  await settle();
  await end('a');
  await end('b!+c+d');
  await end('c');
  expect(begun).toEqual(['a', 'b!+c+d', 'c']);
  await expect(failing).rejects.toThrow('b!');
  expect(await Promise.all([a, c, d])).toEqual(['a', 'c', 'd together']);
});
