import type { Timers } from '../platform/timers.ts';
import type { Briefing, Trader, TraderOutcome } from './trader.ts';

/** The trader thought for too long. */
export class DecisionTimedOut extends Error {
  override readonly name = 'DecisionTimedOut';
}

interface Deadline {
  readonly timers: Pick<Timers, 'after'>;
  readonly timeoutMs: number;
  /** Ends the decision before its time, when the program stops. */
  readonly stop: AbortSignal;
}

/**
 * What the trader decides, if it does so in time. Rejects with {@link DecisionTimedOut} after the
 * time, or with the reason of `stop`, whether or not the trader listens to its signal.
 */
export async function decideInTime(
  trader: Trader,
  briefing: Briefing,
  { timers, timeoutMs, stop }: Deadline,
): Promise<TraderOutcome> {
  stop.throwIfAborted();
  const controller = new AbortController();
  const ended = Promise.withResolvers<never>();
  const end = (reason: unknown): void => {
    ended.reject(reason);
    controller.abort(reason);
  };
  const onStop = (): void => {
    end(stop.reason);
  };
  const cancelTimer = timers.after(timeoutMs, () => {
    end(new DecisionTimedOut(`No decision within ${timeoutMs} ms.`));
  });
  stop.addEventListener('abort', onStop);
  try {
    return await Promise.race([trader.decide(briefing, controller.signal), ended.promise]);
  } finally {
    cancelTimer();
    stop.removeEventListener('abort', onStop);
  }
}
