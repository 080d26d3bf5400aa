/** Who reads without a promise. Told once, of the one or the other; it must not throw. */
export interface Taker<Item> {
  give(read: IteratorResult<Item, undefined>): void;
  fail(error: unknown): void;
}

/** Can be read in the turn in which something comes: for what goes to thousands at once. */
export interface DirectIterator<Item> extends AsyncIterableIterator<Item, undefined> {
  /** Reads as `next()` does. `taker` may be told before this returns. */
  take(taker: Taker<Item>): void;
}

/** Reads the next item of any iterator so, at once where it can. */
export function takeFrom<Item>(source: AsyncIterator<Item>, taker: Taker<Item>): void {
  if ('take' in source) {
    (source as DirectIterator<Item>).take(taker);
    return;
  }
  source.next().then(
    (read) => {
      taker.give(read.done ? { done: true, value: undefined } : read);
    },
    (error: unknown) => {
      taker.fail(error);
    },
  );
}

/** Told once how a reading ended. It must not throw. */
export interface ReadingEnd {
  /** Its handler answered false, or its source has ended. */
  stop(): void;
  fail(error: unknown): void;
}

/** What a handler answers: whether to read on. */
export type ReadOn = boolean | Promise<boolean>;

/**
 * Calls `handle` with one item after the other, until it answers false or the source has ended. Items of a
 * {@link DirectIterator} come in the turn in which they are given, without a promise for each.
 * @throws what the source or `handle` failed with
 */
export function readEach<Item>(
  source: AsyncIterator<Item>,
  handle: (item: Item) => ReadOn,
): Promise<void> {
  return new Promise((resolve, reject) => {
    createReading(source, handle, { stop: resolve, fail: reject })();
  });
}

/**
 * The same without a promise for the end of it. Each call of the answer begins to read anew, which is for
 * one reading after the other: what waits for the next item is made once, and not a hundred times a second.
 */
export function createReading<Item>(
  source: AsyncIterator<Item>,
  handle: (item: Item) => ReadOn,
  end: ReadingEnd,
): () => void {
  /** While the source is asked, which may answer at once. */
  let isAsking = false;
  let mayReadOn = false;
  const fail = (error: unknown): void => {
    end.fail(error);
  };
  /** Whether the next item may be read at once. */
  const proceed = (answer: ReadOn): boolean => {
    if (typeof answer === 'boolean') {
      if (!answer) end.stop();
      return answer;
    }
    answer.then((later) => {
      if (proceed(later)) readOn();
    }, fail);
    return false;
  };
  const take = (read: IteratorResult<Item, undefined>): boolean => {
    let answer: ReadOn;
    try {
      answer = !read.done && handle(read.value);
    } catch (error) {
      fail(error);
      return false;
    }
    return proceed(answer);
  };
  const taker: Taker<Item> = {
    give(read) {
      const answer = take(read);
      if (!answer) return;
      if (isAsking) mayReadOn = true;
      else readOn();
    },
    fail,
  };
  const readOn = (): void => {
    // A loop: what is there already is told before `takeFrom` returns, and there may be much.
    do {
      mayReadOn = false;
      isAsking = true;
      takeFrom(source, taker);
      isAsking = false;
      // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- The taker was told meanwhile.
    } while (mayReadOn);
  };
  return readOn;
}
