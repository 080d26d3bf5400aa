import type { Failure } from './failures.ts';

const FIRST_MS = 5_000;
const FACTOR = 4;
const LONGEST_MS = 6 * 3_600_000;
/** By how much a pause is longer or shorter, so that what failed together does not come back together. */
const JITTER = 0.2;
/** Pauses of 5, 20 and 80 s, 5, 21 and 85 min, and three of about 6 h: the tenth try is a day later, almost. */
export const ATTEMPTS_MAX = 10;

/**
 * What comes after a failure that is the `attempt`-th in a row of one event: a pause in milliseconds, or
 * undefined for the end of the webhook.
 * @param random evenly spread over [0, 1)
 */
export function pauseAfter(failure: Failure, attempt: number, random: number): number | undefined {
  if (failure.code === 'GONE' || attempt >= ATTEMPTS_MAX) return undefined;
  const plainMs = FIRST_MS * FACTOR ** (attempt - 1) * (1 - JITTER + 2 * JITTER * random);
  // Who asks for a pause is not tried before it is over; for none at all, not without any.
  const wantedMs = failure.retryAfterMs ?? plainMs;
  return Math.round(Math.min(Math.max(wantedMs, 1_000), LONGEST_MS));
}
