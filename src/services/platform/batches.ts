/** Work that is done several pieces at a time where more is to do than may run at once. */
export interface BatchesPorts<Item, Result> {
  /** Batches at once. */
  readonly runningMax: number;
  /** Pieces of a batch. */
  readonly batchMax: number;
  /** No two pieces of one key run at once. */
  readonly keyOf: (item: Item) => string;
  readonly alone: (item: Item) => Promise<Result>;
  /**
   * All of them, at least two. Undefined for one that has to be done alone; when it rejects, nothing or
   * nobody knows what is done, and each is done alone, so that none suffers from another.
   */
  readonly together: (
    items: readonly Item[],
  ) => Promise<readonly (PromiseSettledResult<Result> | undefined)[]>;
}

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly isAlone?: boolean;
  readonly resolve: (result: Result | Promise<Result>) => void;
  readonly reject: (error: unknown) => void;
}

/** What comes alone is done alone, at once; what has to wait is done together, the first that came first. */
export function createBatches<Item, Result>({
  runningMax,
  batchMax,
  keyOf,
  alone,
  together,
}: BatchesPorts<Item, Result>): (item: Item) => Promise<Result> {
  let waiting: Waiting<Item, Result>[] = [];
  let running = 0;
  const busy = new Set<string>();

  const take = (): readonly Waiting<Item, Result>[] => {
    const batch: Waiting<Item, Result>[] = [];
    const rest: Waiting<Item, Result>[] = [];
    for (const one of waiting) {
      const key = keyOf(one.item);
      const isFull = batch.length === (batch[0]?.isAlone ? 1 : batchMax);
      if (isFull || (one.isAlone && batch.length > 0) || busy.has(key)) rest.push(one);
      else {
        busy.add(key);
        batch.push(one);
      }
    }
    waiting = rest;
    return batch;
  };

  const runAlone = async ({ item, resolve, reject }: Waiting<Item, Result>): Promise<void> => {
    await alone(item).then(resolve, reject);
  };

  const run = async (batch: readonly Waiting<Item, Result>[]): Promise<void> => {
    const [only, ...others] = batch;
    if (only && others.length === 0) {
      await runAlone(only);
      return;
    }
    const again: Waiting<Item, Result>[] = [];
    const outcomes = await together(batch.map(({ item }) => item)).catch(() => []);
    for (const [index, one] of batch.entries()) {
      const outcome = outcomes[index];
      if (outcome === undefined) again.push({ ...one, isAlone: true });
      else if (outcome.status === 'fulfilled') one.resolve(outcome.value);
      else one.reject(outcome.reason);
    }
    waiting = [...again, ...waiting];
  };

  const begin = (): void => {
    while (running < runningMax) {
      const batch = take();
      if (batch.length === 0) return;
      running += 1;
      void run(batch).finally(() => {
        running -= 1;
        for (const { item } of batch) busy.delete(keyOf(item));
        begin();
      });
    }
  };

  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      begin();
    });
}
