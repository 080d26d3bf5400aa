import type { Timers } from '../timers.ts';

/** Lets a loop sleep until something happens. A ring that comes while nobody waits is kept. */
export interface Bell {
  readonly ring: () => void;
  /** Resolves at the next ring, or after `timeoutMs`. One caller at a time. */
  readonly wait: (timeoutMs: number) => Promise<void>;
}

export function createBell(timers: Timers): Bell {
  let isRung = false;
  let wake: (() => void) | undefined;
  return {
    ring() {
      isRung = true;
      wake?.();
    },
    async wait(timeoutMs) {
      if (!isRung) {
        await new Promise<void>((resolve) => {
          const cancel = timers.after(timeoutMs, resolve);
          wake = () => {
            cancel();
            resolve();
          };
        });
        wake = undefined;
      }
      isRung = false;
    },
  };
}
