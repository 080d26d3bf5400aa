/** A stream that someone other than its reader may end. */
export interface Endable<Item> {
  readonly stream: AsyncIterableIterator<Item>;
  /** Ends it, at once even for a reader who waits; with `last`, the reader gets that before. */
  end(last?: Item): void;
}

/** `onEnd` is called once, whoever ends it. */
export function endable<Item>(source: AsyncIterator<Item>, onEnd: () => void): Endable<Item> {
  const done = { done: true, value: undefined } as const;
  const ended = Promise.withResolvers<undefined>();
  let isEnded = false;
  let last: Item | undefined;

  const finish = (): void => {
    if (isEnded) return;
    isEnded = true;
    ended.resolve(undefined);
    onEnd();
  };
  const afterEnd = (): IteratorResult<Item> => {
    if (last === undefined) return done;
    const value = last;
    last = undefined;
    return { done: false, value };
  };
  const stream: AsyncIterableIterator<Item> = {
    async next() {
      if (isEnded) return afterEnd();
      const read = await Promise.race([source.next(), ended.promise]);
      if (read === undefined) return afterEnd();
      if (read.done) finish();
      return read;
    },
    async return() {
      finish();
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
      // What it was reading is no longer of interest, nor is a failure to stop.
      source.return?.().catch(() => undefined);
    },
  };
}
