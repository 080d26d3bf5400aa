import { soon, type Soon } from '../services/platform/soon.ts';

/** Counts what is under way, so that whoever stops can wait for it. */
export interface LiveWork {
  readonly isIdle: boolean;
  run<Result>(work: () => Soon<Result>): Soon<Result>;
}

export function createLiveWork(): LiveWork {
  let running = 0;
  return {
    get isIdle() {
      return running === 0;
    },
    run(work) {
      const result = soon(undefined, work);
      if (!(result instanceof Promise)) return result;
      running += 1;
      return result.finally(() => {
        running -= 1;
      });
    },
  };
}
