import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';

/**
 * Which orders are not to be tried yet: those that have not arrived, and those whose try failed.
 */
export interface OrderDelays {
  isDue(orderId: string, now: Date): boolean;
  /** Not tried before a time of the clock. */
  postpone(orderId: string, untilMs: number): void;
  /** A try failed unexpectedly; see `failed` of the order queue. */
  failed(orderId: string, error: unknown): void;
  /** Whether its last try failed. */
  isFailing(orderId: string): boolean;
  failing(): readonly string[];
  /** A try did not fail: those before it do not count any more. */
  succeeded(orderId: string): void;
  forget(orderId: string): void;
  /** When the first of them can be tried that could not at a time; undefined when all could. */
  nextMs(afterMs: number): number | undefined;
}

const NONE: readonly string[] = [];
const FAILURES_MAX = 20;
const BACK_OFF_MS = 100;
const BACK_OFF_MAX_MS = 30_000;
const STUCK_MS = 5 * 60_000;

export function createOrderDelays({
  clock,
  logger,
}: {
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'error'>;
}): OrderDelays {
  const failures = new Map<string, number>();
  /** They are few at any time. */
  const notBeforeMs = new Map<string, number>();

  return {
    isDue: (orderId, now) => (notBeforeMs.get(orderId) ?? 0) <= now.getTime(),
    postpone(orderId, untilMs) {
      notBeforeMs.set(orderId, untilMs);
    },
    failed(orderId, error) {
      const count = (failures.get(orderId) ?? 0) + 1;
      failures.set(orderId, count);
      notBeforeMs.set(orderId, clock.now().getTime() + pauseAfter(count));
      if (count > FAILURES_MAX) return;
      const told = { err: error, orderId, failures: count, isStuck: count === FAILURES_MAX };
      logger.error(told, 'An order could not be filled.');
    },
    isFailing: (orderId) => failures.has(orderId),
    failing: () => (failures.size > 0 ? [...failures.keys()] : NONE),
    succeeded(orderId) {
      failures.delete(orderId);
    },
    forget(orderId) {
      failures.delete(orderId);
      notBeforeMs.delete(orderId);
    },
    nextMs(afterMs) {
      for (const [id, untilMs] of notBeforeMs) if (untilMs <= afterMs) notBeforeMs.delete(id);
      return notBeforeMs.size > 0 ? Math.min(...notBeforeMs.values()) : undefined;
    },
  };
}

function pauseAfter(failures: number): number {
  if (failures >= FAILURES_MAX) return STUCK_MS;
  return Math.min(BACK_OFF_MS * 2 ** failures, BACK_OFF_MAX_MS);
}
