import DataLoader from 'dataloader';

/** Reads of one request that are gathered by name: those of one level of a query become one. */
export interface RequestBatches {
  /**
   * The value of a key; null where it is left out of the answer. `read` answers for all keys that are asked
   * for under that name at once.
   */
  readonly load: <Value>(
    name: string,
    key: string,
    read: (keys: string[]) => Promise<ReadonlyMap<string, Value>>,
  ) => Promise<Value | null>;
  /** Forgets what was read. */
  readonly clear: () => void;
}

export function createRequestBatches(): RequestBatches {
  let loaders = new Map<string, DataLoader<string, unknown>>();
  return {
    load<Value>(
      name: string,
      key: string,
      read: (keys: string[]) => Promise<ReadonlyMap<string, Value>>,
    ) {
      let loader = loaders.get(name);
      if (!loader) {
        loader = new DataLoader<string, unknown>(async (keys) => {
          const found = await read([...keys]);
          return keys.map((wanted) => found.get(wanted) ?? null);
        });
        loaders.set(name, loader);
      }
      return loader.load(key) as Promise<Value | null>;
    },

    clear() {
      loaders = new Map();
    },
  };
}
