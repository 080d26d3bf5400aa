import { DateTime } from 'luxon';

/** The calendar day of `time` in `zone`, as midnight UTC of that date. */
export function tradingDay(time: Date, zone: string): Date {
  const { year, month, day } = DateTime.fromJSDate(time, { zone });
  return new Date(Date.UTC(year, month - 1, day));
}
