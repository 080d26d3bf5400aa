import type { Clock } from '../../platform/clock.ts';
import type { Timers } from '../../platform/timers.ts';

/** Keeps requests below what a venue allows: a bucket of tokens that fills up steadily. */
export interface Pace {
  /** Resolves when the next request may go, in the order of the calls. */
  turn(): Promise<void>;
}

export function createPace({
  clock,
  timers,
  perMinute,
  burst,
}: {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly perMinute: number;
  /** So many may go at once. */
  readonly burst: number;
}): Pace {
  const tokenMs = 60_000 / perMinute;
  // When the bucket was, or will be, empty: each request moves it on by the time of one token.
  let emptyAtMs = Number.NEGATIVE_INFINITY;
  return {
    async turn() {
      const nowMs = clock.now().getTime();
      emptyAtMs = Math.max(emptyAtMs, nowMs - burst * tokenMs) + tokenMs;
      const waitMs = emptyAtMs - nowMs;
      if (waitMs <= 0) return;
      await new Promise<void>((resolve) => {
        timers.after(waitMs, resolve);
      });
    },
  };
}
