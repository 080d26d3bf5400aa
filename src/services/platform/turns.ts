/** Work that waits for its turn: so much of it at once, and never two pieces of one key. */
export interface Turns {
  /** Runs `work` when it is its turn, the first that came first. Settles as it does. */
  run<T>(key: string, work: () => Promise<T>): Promise<T>;
}

interface Waiting {
  readonly key: string;
  readonly begin: () => void;
}

export function createTurns({ runningMax }: { readonly runningMax: number }): Turns {
  const running = new Set<string>();
  let waiting: readonly Waiting[] = [];

  const beginSome = (): void => {
    const rest: Waiting[] = [];
    for (const one of waiting) {
      if (running.size >= runningMax || running.has(one.key)) {
        rest.push(one);
      } else {
        running.add(one.key);
        one.begin();
      }
    }
    waiting = rest;
  };

  return {
    async run(key, work) {
      await new Promise<void>((begin) => {
        waiting = [...waiting, { key, begin }];
        beginSome();
      });
      try {
        return await work();
      } finally {
        running.delete(key);
        beginSome();
      }
    },
  };
}
