/** Work that never runs twice at once. */
export interface SerialWork {
  /** Runs it now, or once more as soon as the run in progress is over. */
  ask(): void;
  readonly isRunning: boolean;
  /** Resolves when nothing runs. */
  rest(): Promise<void>;
}

/** `work` must not reject. However often it is asked for during a run, one more run follows. */
export function createSerialWork(work: () => Promise<void>): SerialWork {
  let isRunning = false;
  let timesAsked = 0;
  let lastRun = Promise.resolve();

  const run = async (): Promise<void> => {
    let timesSeen: number;
    do {
      timesSeen = timesAsked;
      await work();
    } while (timesAsked !== timesSeen);
    isRunning = false;
  };

  return {
    get isRunning() {
      return isRunning;
    },
    ask() {
      timesAsked += 1;
      if (isRunning) return;
      isRunning = true;
      lastRun = run();
    },
    rest: () => lastRun,
  };
}
