import { takeFrom, type DirectIterator } from './direct-iterator.ts';

/*
 * Iterators over what comes live. They are objects and not async generators: the `return()` of a
 * generator stands in line behind the `next()` that is pending, so that a reader who leaves would
 * wait for an event that may never come. Each is over after its first error.
 */

/** Begins a stream at its reader's first `next()`: what is to be given first, and what follows. */
export type OpenStream<Item> = () => Promise<{
  readonly first: readonly Item[];
  readonly rest: AsyncIterator<Item>;
}>;

/** A stream that is opened when it is first read. Ended while it opens, it closes what it opened. */
export function openLater<Item>(open: OpenStream<Item>): DirectIterator<Item> {
  const waiting: Item[] = [];
  let opening: Promise<AsyncIterator<Item>> | undefined;
  let opened: AsyncIterator<Item> | undefined;

  const begin = async (): Promise<AsyncIterator<Item>> => {
    const { first, rest } = await open();
    waiting.push(...first);
    opened = rest;
    return rest;
  };
  return iteratorOf<Item>({
    direct: () => (waiting.length === 0 ? opened : undefined),
    async next() {
      const rest = await (opening ??= begin());
      const [value] = waiting.splice(0, 1);
      return value === undefined ? rest.next() : { done: false, value };
    },
    async close() {
      const rest = await opening?.catch(() => undefined);
      await rest?.return?.();
    },
  });
}

/** The stream with each item changed by `change`; those that it answers undefined for are left out. */
export function mapStream<From, To>(
  source: AsyncIterator<From>,
  change: (item: From) => To | undefined | Promise<To | undefined>,
): AsyncIterableIterator<To> {
  return iteratorOf<To>({
    async next() {
      for (;;) {
        const read = await source.next();
        if (read.done) return DONE;
        const value = await change(read.value);
        if (value !== undefined) return { done: false, value };
      }
    },
    async close() {
      await source.return?.();
    },
  });
}

const DONE = { done: true, value: undefined } as const;

interface Reading<Item> {
  readonly next: () => Promise<IteratorResult<Item>>;
  readonly close: () => Promise<void>;
  /** Where the next item comes from as it is, while that is so. */
  readonly direct?: () => AsyncIterator<Item> | undefined;
}

function iteratorOf<Item>({ next, close, direct }: Reading<Item>): DirectIterator<Item> {
  let closing: Promise<void> | undefined;
  const end = (): Promise<void> => (closing ??= close());
  const iterator: DirectIterator<Item> = {
    async next() {
      if (closing) return DONE;
      try {
        const read = await next();
        // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- It waited.
        if (closing) return DONE;
        if (read.done) await end();
        return read.done ? DONE : read;
      } catch (error) {
        await end();
        throw error;
      }
    },
    take(taker) {
      const source = closing ? undefined : direct?.();
      const fail = (error: unknown): void => {
        taker.fail(error);
      };
      if (!source) {
        iterator.next().then((read) => {
          taker.give(read);
        }, fail);
        return;
      }
      const finish = (tell: () => void): void => {
        end().then(tell, fail);
      };
      takeFrom(source, {
        give(read) {
          if (closing || !read.done) taker.give(closing ? DONE : read);
          else
            finish(() => {
              taker.give(DONE);
            });
        },
        fail(error) {
          finish(() => {
            fail(error);
          });
        },
      });
    },
    async return() {
      await end();
      return DONE;
    },
    [Symbol.asyncIterator]: () => iterator,
  };
  return iterator;
}
