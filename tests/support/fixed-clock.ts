import type { Clock } from '../../src/services/platform/clock.ts';

/** A clock that stands until the test moves it. */
export interface FixedClock extends Clock {
  set(time: string): void;
  advance(seconds: number): void;
}

export function createFixedClock(start: string): FixedClock {
  let now = new Date(start);
  return {
    now: () => new Date(now),
    set(time) {
      now = new Date(time);
    },
    advance(seconds) {
      now = new Date(now.getTime() + seconds * 1_000);
    },
  };
}
