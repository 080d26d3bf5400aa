import {
  createReading,
  takeFrom,
  type DirectIterator,
  type ReadOn,
  type Taker,
} from './direct-iterator.ts';

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
    return rest;
  };
  const takeOpened = (rest: AsyncIterator<Item>, taker: Taker<Item>): void => {
    opened = rest;
    const [value] = waiting.length > 0 ? waiting.splice(0, 1) : [];
    if (value === undefined) takeFrom(rest, taker);
    else taker.give({ done: false, value });
  };
  return iteratorOf<Item>({
    take(taker) {
      if (opened) {
        takeOpened(opened, taker);
        return;
      }
      (opening ??= begin()).then(
        (rest) => {
          takeOpened(rest, taker);
        },
        (error: unknown) => {
          taker.fail(error);
        },
      );
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
): DirectIterator<To> {
  let taker: Taker<To> | undefined;
  let value: To | undefined;
  const isLeftOut = (changed: To | undefined): boolean => {
    value = changed;
    return changed === undefined;
  };
  const handle = (item: From): ReadOn => {
    const changed = change(item);
    return changed instanceof Promise ? changed.then(isLeftOut) : isLeftOut(changed);
  };
  const read = createReading(source, handle, {
    stop() {
      const given = value;
      value = undefined;
      taker?.give(given === undefined ? DONE : { done: false, value: given });
    },
    fail(error) {
      taker?.fail(error);
    },
  });
  return iteratorOf<To>({
    take(next) {
      taker = next;
      read();
    },
    async close() {
      await source.return?.();
    },
  });
}

const DONE = { done: true, value: undefined } as const;

const giveDone = (taker: Taker<unknown>): void => {
  taker.give(DONE);
};

interface Reading<Item> {
  /** Called again when the last one was told. */
  readonly take: (taker: Taker<Item>) => void;
  readonly close: () => Promise<void>;
}

function iteratorOf<Item>({ take, close }: Reading<Item>): DirectIterator<Item> {
  let closing: Promise<void> | undefined;
  const end = (): Promise<void> => (closing ??= close());
  const waiting: Taker<Item>[] = [];
  let isTaking = false;
  const takeNext = (): void => {
    if (isTaking || waiting.length === 0) return;
    isTaking = true;
    take(first);
  };
  const tell = (how: (taker: Taker<Item>) => void): void => {
    isTaking = false;
    const taker = waiting.shift();
    if (taker) how(taker);
    takeNext();
  };
  /** Closes before it is told. */
  const finish = (how: (taker: Taker<Item>) => void): void => {
    end().then(
      () => {
        tell(how);
      },
      (error: unknown) => {
        tell((taker) => {
          taker.fail(error);
        });
      },
    );
  };
  /** Whoever waits the longest. */
  const first: Taker<Item> = {
    give(read) {
      if (closing) tell(giveDone);
      else if (read.done) finish(giveDone);
      else
        tell((taker) => {
          taker.give(read);
        });
    },
    fail(error) {
      finish((taker) => {
        taker.fail(error);
      });
    },
  };
  const iterator: DirectIterator<Item> = {
    next: () =>
      new Promise((resolve, reject) => {
        iterator.take({ give: resolve, fail: reject });
      }),
    take(taker) {
      if (closing) {
        taker.give(DONE);
        return;
      }
      waiting.push(taker);
      takeNext();
    },
    async return() {
      await end();
      return DONE;
    },
    [Symbol.asyncIterator]: () => iterator,
  };
  return iterator;
}
