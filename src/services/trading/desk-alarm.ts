import type { Clock } from '../platform/clock.ts';
import type { Timers } from '../platform/timers.ts';

/** Wakes a desk when an order ends by itself or arrives, even if no quote comes. */
export interface DeskAlarm {
  /** When to wake it next, in milliseconds of the clock; undefined for not at all. */
  set(atMs: number | undefined): void;
}

/** Timers take no more than 24 days; a desk that is woken too early sets another. */
const DELAY_MAX_MS = 86_400_000;

export function createDeskAlarm({
  clock,
  timers,
  wake,
}: {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly wake: () => void;
}): DeskAlarm {
  let setTo: number | undefined;
  let end: (() => void) | undefined;
  return {
    set(atMs) {
      if (atMs === setTo) return;
      end?.();
      end = undefined;
      setTo = atMs;
      if (atMs === undefined) return;
      const delayMs = Math.max(1, Math.min(atMs - clock.now().getTime(), DELAY_MAX_MS));
      end = timers.after(delayMs, () => {
        setTo = undefined;
        wake();
      });
    },
  };
}
