const DAY_MS = 24 * 60 * 60_000;
/** PostgreSQL has no year 0, which ISO-8601 counts as the one before the first. */
const FIRST_YEAR_MS = Date.parse('0001-01-01T00:00:00Z');

/** As many times 24 hours before `time`, and never before the first year. */
export function daysBefore(time: Date, days: number): Date {
  return new Date(Math.max(time.getTime() - days * DAY_MS, FIRST_YEAR_MS));
}
