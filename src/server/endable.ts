/** A stream that someone other than its reader may end. */
export interface Endable<Item> {
  readonly stream: AsyncIterableIterator<Item>;
  /** Ends it, at once even for a reader who waits; with `last`, the reader gets that before. */
  end(last?: Item): void;
  /** Ends what it reads from and tells its reader nothing: whoever waits goes on waiting. */
  leave(): void;
}

/** `onEnd` is called once, whoever ends it. */
export function endable<Item>(source: AsyncIterator<Item>, onEnd: () => void): Endable<Item> {
  const done = { done: true, value: undefined } as const;
  const waiting = new Set<PromiseWithResolvers<IteratorResult<Item>>>();
  let isEnded = false;
  let hasLeft = false;
  let last: Item | undefined;

  const finish = (): void => {
    if (isEnded) return;
    isEnded = true;
    onEnd();
  };
  const afterEnd = (): IteratorResult<Item> => {
    if (last === undefined) return done;
    const value = last;
    last = undefined;
    return { done: false, value };
  };
  const release = (): void => {
    for (const reader of waiting) reader.resolve(afterEnd());
    waiting.clear();
  };
  const read = (): Promise<IteratorResult<Item>> => {
    // Not a race against the end: each would be remembered by the end for as long as the stream lives.
    const reader = Promise.withResolvers<IteratorResult<Item>>();
    waiting.add(reader);
    source.next().then(
      (result) => {
        if (!waiting.delete(reader)) return;
        if (result.done) finish();
        reader.resolve(result);
      },
      (error: unknown) => {
        if (waiting.delete(reader)) reader.reject(error);
      },
    );
    return reader.promise;
  };
  // What it was reading is no longer of interest, nor is a failure to stop.
  const stopReading = (): void => {
    source.return?.().catch(() => undefined);
  };

  const stream: AsyncIterableIterator<Item> = {
    next() {
      if (hasLeft) return new Promise(() => undefined);
      return isEnded ? Promise.resolve(afterEnd()) : read();
    },
    async return() {
      finish();
      release();
      await source.return?.();
      return done;
    },
    [Symbol.asyncIterator]: () => stream,
  };
  return {
    stream,
    end(...given) {
      if (isEnded) return;
      [last] = given;
      finish();
      release();
      stopReading();
    },
    leave() {
      if (isEnded) return;
      hasLeft = true;
      waiting.clear();
      finish();
      stopReading();
    },
  };
}
