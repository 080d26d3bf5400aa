const FIRST_MS = 30_000;
const LONGEST_MS = 3_600_000;
/** Thirty tries are a day: 30 s, 1, 2, 4, 8, 16 and 32 minutes apart, and then an hour. */
const ATTEMPTS_MAX = 30;
/** By how much each pause is longer or shorter, so that mails do not come back all at once. */
const JITTER = 0.25;

/**
 * How long a mail waits after its `attempts`-th try failed; undefined when it was the last one.
 * @param random evenly spread over [0, 1)
 */
export function retryDelayMs(attempts: number, random: number): number | undefined {
  if (attempts >= ATTEMPTS_MAX) return undefined;
  const delayMs = Math.min(FIRST_MS * 2 ** (attempts - 1), LONGEST_MS);
  return Math.round(delayMs * (1 - JITTER + 2 * JITTER * random));
}
