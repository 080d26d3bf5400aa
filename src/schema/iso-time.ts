const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const SECOND_MS = 1_000;
/** Of days in the past: times of one answer are mostly of few days. */
const DAYS_KNOWN_MAX = 1_000;

const PAIRS = Array.from({ length: 60 }, (_, number) => String(number).padStart(2, '0'));
const days = new Map<number, string>();

/**
 * A time as `toISOString` writes it, in a fifth of its time, which of a long list is most of what writing it
 * takes.
 * @throws RangeError for what is no time
 */
export function isoTime(timeMs: number): string {
  const day = Math.floor(timeMs / DAY_MS);
  const prefix = days.get(day) ?? rememberDay(day, timeMs);
  const ms = timeMs - day * DAY_MS;
  const [hour, minute, second] = [
    PAIRS[Math.floor(ms / HOUR_MS)],
    PAIRS[Math.floor(ms / MINUTE_MS) % 60],
    PAIRS[Math.floor(ms / SECOND_MS) % 60],
  ] as [string, string, string];
  const rest = ms % SECOND_MS;
  const zeros = rest < 10 ? '00' : rest < 100 ? '0' : '';
  return `${prefix}${hour}:${minute}:${second}.${zeros}${rest}Z`;
}

/** `2026-11-22T`, and whatever years of more digits begin with. */
function rememberDay(day: number, timeMs: number): string {
  const text = new Date(timeMs).toISOString();
  const prefix = text.slice(0, text.indexOf('T') + 1);
  if (days.size >= DAYS_KNOWN_MAX) days.clear();
  days.set(day, prefix);
  return prefix;
}
