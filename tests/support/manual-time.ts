import type { Clock } from '../../src/services/platform/clock.ts';
import type { Timers } from '../../src/services/platform/timers.ts';

interface Alarm {
  atMs: number;
  readonly everyMs: number | undefined;
  readonly work: () => void;
}

export interface ManualTime {
  readonly clock: Clock;
  readonly timers: Timers;
  /** Moves the clock and runs what falls due on the way, each at its own time. */
  advance(ms: number): void;
}

/** A clock with timers that stand still until the test moves them. */
export function createManualTime(start: Date): ManualTime {
  let nowMs = start.getTime();
  const alarms = new Set<Alarm>();
  const set = (delayMs: number, everyMs: number | undefined, work: () => void) => {
    const alarm = { atMs: nowMs + delayMs, everyMs, work };
    alarms.add(alarm);
    return () => void alarms.delete(alarm);
  };
  const nextDue = (endMs: number): Alarm | undefined =>
    [...alarms].filter(({ atMs }) => atMs <= endMs).sort((a, b) => a.atMs - b.atMs)[0];

  return {
    clock: { now: () => new Date(nowMs) },
    timers: {
      every: (intervalMs, work) => set(intervalMs, intervalMs, work),
      after: (delayMs, work) => set(delayMs, undefined, work),
    },
    advance(ms) {
      const endMs = nowMs + ms;
      for (let alarm = nextDue(endMs); alarm; alarm = nextDue(endMs)) {
        nowMs = alarm.atMs;
        if (alarm.everyMs === undefined) alarms.delete(alarm);
        else alarm.atMs += alarm.everyMs;
        alarm.work();
      }
      nowMs = endMs;
    },
  };
}
