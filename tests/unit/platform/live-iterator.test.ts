import { describe, expect, test } from 'vitest';
import { mapStream, openLater } from '../../../src/services/platform/live-iterator.ts';

const DONE = { done: true, value: undefined };

/** A stream that gives what it is told to, and remembers that it was closed. */
function createSource<Item>(items: Item[] = []) {
  const pending: PromiseWithResolvers<IteratorResult<Item>>[] = [];
  const state = { isClosed: false };
  const iterator: AsyncIterator<Item> = {
    next() {
      const [value] = items.splice(0, 1);
      if (value !== undefined) return Promise.resolve({ done: false, value });
      const waiting = Promise.withResolvers<IteratorResult<Item>>();
      pending.push(waiting);
      return waiting.promise;
    },
    return() {
      state.isClosed = true;
      for (const waiting of pending.splice(0)) waiting.resolve({ done: true, value: undefined });
      return Promise.resolve({ done: true, value: undefined });
    },
  };
  return { iterator, state };
}

describe('a stream that is opened later', () => {
  test('opens with its first reader and gives what is known before what follows', async () => {
    let opened = 0;
    const { iterator } = createSource([3]);
    const stream = openLater(async () => {
      opened += 1;
      return { first: [1, 2], rest: iterator };
    });
    expect(opened).toBe(0);
    const seen = [await stream.next(), await stream.next(), await stream.next()];
    expect(seen.map(({ value }) => value as number)).toEqual([1, 2, 3]);
    expect(opened).toBe(1);
  });

  test('that nobody read is never opened', async () => {
    const stream = openLater<number>(() => Promise.reject(new Error('It was opened.')));
    expect(await stream.return?.()).toEqual(DONE);
    expect(await stream.next()).toEqual(DONE);
  });

  test('that is ended while it opens closes what it opened, and gives nothing', async () => {
    const { iterator, state } = createSource<number>();
    const gate = Promise.withResolvers<undefined>();
    const stream = openLater(async () => {
      await gate.promise;
      return { first: [1], rest: iterator };
    });
    const first = stream.next();
    const ended = stream.return?.();
    gate.resolve(undefined);
    await ended;
    expect(await first).toEqual(DONE);
    expect(state.isClosed).toBe(true);
  });

  test('that cannot be opened says why once, and is over', async () => {
    const stream = openLater<number>(() => Promise.reject(new Error('No such account.')));
    await expect(stream.next()).rejects.toThrow('No such account.');
    expect(await stream.next()).toEqual(DONE);
  });
});

describe('a changed stream', () => {
  test('leaves out what the change answers undefined for', async () => {
    const { iterator } = createSource([1, 2, 3]);
    const stream = mapStream(iterator, (n) => (n === 2 ? undefined : n * 10));
    expect([await stream.next(), await stream.next()].map(({ value }) => value as number)).toEqual([
      10, 30,
    ]);
  });

  test('ends at once for a reader who leaves while it waits', async () => {
    const { iterator, state } = createSource<number>();
    const stream = mapStream(iterator, (n) => n);
    const waiting = stream.next();
    await stream.return?.();
    expect(await waiting).toEqual(DONE);
    expect(state.isClosed).toBe(true);
  });

  test('closes its source when the change refuses an item, and is over', async () => {
    const { iterator, state } = createSource([1, 2]);
    const stream = mapStream(iterator, () => {
      throw new Error('Revoked.');
    });
    await expect(stream.next()).rejects.toThrow('Revoked.');
    expect(state.isClosed).toBe(true);
    expect(await stream.next()).toEqual(DONE);
  });
});
