import type { DirectIterator, Taker } from '../direct-iterator.ts';

/**
 * One reader of a stream, as an iterator that can be ended while its reader waits. (An async generator
 * cannot: its `return()` stands in line behind the `next()` that is pending.)
 */
export interface ReaderLine<Item> {
  readonly iterator: DirectIterator<Item>;
  /** Whether the reader has asked for an item and not got it yet. */
  isWaiting(): boolean;
  isEnded(): boolean;
  /** Gives the item to the reader, who must be waiting. */
  give(item: Item): void;
  /** Ends the stream; with an error, the reader gets that once. */
  end(error?: unknown): void;
}

/** Told of a stream's begin, at its reader's first `next()`, and of its end. */
export interface StreamLife {
  readonly onBegin: () => void;
  readonly onEnd: () => void;
}

export interface ReaderLineOptions {
  /** The reader has asked for an item. */
  readonly onAsk: () => void;
  /** The stream has ended, for whatever reason. Awaited by the reader's `return()`. */
  readonly onEnd: () => Promise<void>;
}

export function createReaderLine<Item>({ onAsk, onEnd }: ReaderLineOptions): ReaderLine<Item> {
  const asking: Taker<Item>[] = [];
  let ending: Promise<void> | undefined;
  let failure: { readonly error: unknown } | undefined;
  const done = { done: true, value: undefined } as const;

  const end = (): Promise<void> => {
    if (ending) return ending;
    ending = onEnd();
    // Whoever calls `return()` hears it; nobody else does.
    ending.catch(() => undefined);
    const [first, ...others] = asking.splice(0);
    if (first && failure) {
      const { error } = failure;
      failure = undefined;
      first.fail(error);
    } else {
      first?.give(done);
    }
    for (const other of others) other.give(done);
    return ending;
  };

  const iterator: DirectIterator<Item> = {
    next: () =>
      new Promise((resolve, reject) => {
        iterator.take({ give: resolve, fail: reject });
      }),
    take(taker) {
      if (failure) {
        const { error } = failure;
        failure = undefined;
        taker.fail(error);
        return;
      }
      if (ending) {
        taker.give(done);
        return;
      }
      asking.push(taker);
      onAsk();
    },
    async return() {
      failure = undefined;
      await end();
      return done;
    },
    async throw(error) {
      failure = undefined;
      await end();
      throw error;
    },
    [Symbol.asyncIterator]: () => iterator,
  };

  return {
    iterator,
    isWaiting: () => asking.length > 0,
    isEnded: () => ending !== undefined,
    give(item) {
      asking.shift()?.give({ done: false, value: item });
    },
    end(...reason) {
      if (ending) return;
      if (reason.length > 0) failure = { error: reason[0] };
      void end();
    },
  };
}
