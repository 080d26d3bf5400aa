/** Lets so many pieces of work run at once, and so many more wait; the rest are turned away. */
export interface Limiter {
  /**
   * Runs `work` as soon as there is room, in the order of the calls.
   * @throws LimiterFull at once, without running `work`, when too many wait already
   */
  run<T>(work: () => Promise<T>): Promise<T>;
}

export class LimiterFull extends Error {
  override readonly name = 'LimiterFull';
}

export function createLimiter(limits: {
  readonly runningMax: number;
  readonly waitingMax: number;
}): Limiter {
  const waiting: (() => void)[] = [];
  let running = 0;

  /** A place is handed from the one who leaves to the one who waited longest. */
  const leave = (): void => {
    const next = waiting.shift();
    if (next) next();
    else running -= 1;
  };
  const enter = async (): Promise<void> => {
    if (running < limits.runningMax) {
      running += 1;
      return;
    }
    if (waiting.length >= limits.waitingMax) {
      throw new LimiterFull(`${waiting.length} wait already.`);
    }
    await new Promise<void>((resolve) => waiting.push(resolve));
  };

  return {
    async run(work) {
      await enter();
      try {
        return await work();
      } finally {
        leave();
      }
    },
  };
}
