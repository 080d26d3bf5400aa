/**
 * The same items, each read while the one before it is worked on, so that reading files and waiting
 * for the database go on at once. Holds one item more than its source; a failure comes in its turn.
 */
export async function* oneAhead<T>(source: AsyncIterable<T>): AsyncGenerator<T> {
  const items = source[Symbol.asyncIterator]();
  const read = (): Promise<IteratorResult<T>> => {
    const next = items.next();
    // It is met when it is waited for, and is no unhandled one until then.
    next.catch(() => undefined);
    return next;
  };
  let next = read();
  try {
    for (;;) {
      const item = await next;
      if (item.done === true) return;
      next = read();
      yield item.value;
    }
  } finally {
    // A reader that stops early leaves no open file behind.
    await next.catch(() => undefined);
    await items.return?.();
  }
}

/**
 * Lists of items, each as soon as its items weigh `weightMax` together; the last may weigh less.
 */
export async function* batchesOf<T>(
  source: AsyncIterable<T>,
  weightOf: (item: T) => number,
  weightMax: number,
): AsyncGenerator<readonly T[]> {
  let [batch, weight] = [[] as T[], 0];
  for await (const item of source) {
    batch.push(item);
    weight += weightOf(item);
    if (weight < weightMax) continue;
    yield batch;
    [batch, weight] = [[], 0];
  }
  if (batch.length > 0) yield batch;
}

/**
 * The items of all sources, one source after the other. The first items of the next `aheadMax`
 * sources are read meanwhile, so that a thousand small files are not waited for one by one; a
 * failure comes in its turn.
 */
export async function* inTurn<T>(
  sources: Iterable<AsyncGenerator<T>>,
  aheadMax: number,
): AsyncGenerator<T> {
  const waiting = sources[Symbol.iterator]();
  const begun: { items: AsyncGenerator<T>; first: Promise<IteratorResult<T>> }[] = [];
  const begin = () => {
    while (begun.length <= aheadMax) {
      const source = waiting.next();
      if (source.done === true) return;
      const first = source.value.next();
      // It is met when it is waited for, and is no unhandled one until then.
      first.catch(() => undefined);
      begun.push({ items: source.value, first });
    }
  };
  try {
    begin();
    for (let current = begun[0]; current; current = begun[0]) {
      const { items, first } = current;
      for (let item = await first; item.done !== true; item = await items.next()) yield item.value;
      begun.shift();
      begin();
    }
  } finally {
    // A reader that stops early leaves no open file behind.
    for (const { items, first } of begun) {
      await first.catch(() => undefined);
      await items.return(undefined).catch(() => undefined);
    }
  }
}
