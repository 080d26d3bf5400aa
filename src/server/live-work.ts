/** Counts what is under way, so that whoever stops can wait for it. */
export interface LiveWork {
  readonly isIdle: boolean;
  run<Result>(work: () => Result | Promise<Result>): Promise<Result>;
}

export function createLiveWork(): LiveWork {
  let running = 0;
  return {
    get isIdle() {
      return running === 0;
    },
    async run(work) {
      running += 1;
      try {
        return await work();
      } finally {
        running -= 1;
      }
    },
  };
}
