import { DateTime } from 'luxon';
import type { Instrument } from '../../platform/prisma/client.ts';
import type { MarketCalendar } from '../../platform/prisma/enums.ts';
import type { CalendarTable } from './calendar-table.ts';
import { CN_STOCKS } from './cn-stocks.ts';
import { workOut, type Session, type WorkedOutCalendar } from './sessions.ts';
import { US_STOCKS } from './us-stocks.ts';

/**
 * What tells the hours of an instrument. The zone counts for ALWAYS alone: tables have their own.
 */
export type Timetable = Pick<Instrument, 'calendar' | 'zone'>;

/** Whether it is traded, since when and until when; null where that never began or never ends. */
export interface MarketPhase {
  readonly isOpen: boolean;
  readonly since: Date | null;
  readonly until: Date | null;
}

const TABLES: Readonly<Record<Exclude<MarketCalendar, 'ALWAYS'>, CalendarTable>> = {
  US_STOCKS,
  CN_STOCKS,
};

/** The table of a calendar; undefined for ALWAYS, which needs none. */
export const tableOf = (calendar: MarketCalendar): CalendarTable | undefined =>
  calendar === 'ALWAYS' ? undefined : TABLES[calendar];

const workedOut = new Map<MarketCalendar, WorkedOutCalendar>();

/** Worked out at the first question: five years of days take some milliseconds. */
function calendarOf(calendar: MarketCalendar): WorkedOutCalendar | undefined {
  const table = tableOf(calendar);
  if (!table) return undefined;
  const known = workedOut.get(calendar) ?? workOut(table);
  workedOut.set(calendar, known);
  return known;
}

const ALWAYS_OPEN: MarketPhase = { isOpen: true, since: null, until: null };

/**
 * Whether an instrument is traded at a moment, and how long that lasts. A lunch break is closed.
 * Undefined where the table knows nothing: before its first day, and after its last session.
 */
export function phaseAt({ calendar }: Timetable, at: Date): MarketPhase | undefined {
  const known = calendarOf(calendar);
  if (!known) return ALWAYS_OPEN;
  if (at < known.validFrom) return undefined;
  const index = firstEndingAfter(known, at);
  const span = known.spans[index];
  if (!span) return undefined;
  if (span.from <= at) return { isOpen: true, since: span.from, until: span.to };
  const before = known.spans[index - 1]?.to ?? known.validFrom;
  return { isOpen: false, since: before, until: span.from };
}

/** Whether it is traded then; false where nobody knows. */
export const isOpen = (timetable: Timetable, at: Date): boolean =>
  phaseAt(timetable, at)?.isOpen === true;

/**
 * The first opening after a moment, that after a lunch break too; undefined for ALWAYS and unknown.
 */
export function nextOpen({ calendar }: Timetable, at: Date): Date | undefined {
  const known = calendarOf(calendar);
  if (!known || at < known.validFrom) return undefined;
  const index = firstEndingAfter(known, at);
  const span = known.spans[index];
  return span && span.from > at ? span.from : known.spans[index + 1]?.from;
}

/** The first end of trading after a moment, a lunch break too; undefined for ALWAYS and unknown. */
export function nextClose({ calendar }: Timetable, at: Date): Date | undefined {
  const known = calendarOf(calendar);
  if (!known || at < known.validFrom) return undefined;
  return known.spans[firstEndingAfter(known, at)]?.to;
}

/**
 * The session that a moment is in, its lunch break included, or else the next one; for ALWAYS, the
 * day in the zone of the instrument. Undefined where the table knows nothing.
 */
export function sessionAtOrAfter({ calendar, zone }: Timetable, at: Date): Session | undefined {
  const known = calendarOf(calendar);
  if (!known) return dayOf(zone, at);
  if (at < known.validFrom) return undefined;
  return known.spans[firstEndingAfter(known, at)]?.session;
}

/** The session that a moment is in, its lunch break included; undefined outside of sessions. */
export function sessionOf(timetable: Timetable, at: Date): Session | undefined {
  const session = sessionAtOrAfter(timetable, at);
  return session && session.opensAt <= at ? session : undefined;
}

/**
 * The sessions that open from `from` on and before `to`, in order; for ALWAYS, days in the zone of
 * the instrument. Undefined where the table does not cover all of that time.
 */
export function sessionsBetween(
  { calendar, zone }: Timetable,
  { from, to }: { readonly from: Date; readonly to: Date },
): readonly Session[] | undefined {
  const known = calendarOf(calendar);
  if (!known) return daysBetween(zone, { from, to });
  if (from < known.validFrom || to > known.validUntil) return undefined;
  return known.sessions.filter(({ opensAt }) => opensAt >= from && opensAt < to);
}

/** The place of the first span that ends after a moment; behind the last where none does. */
function firstEndingAfter({ endsMs }: WorkedOutCalendar, at: Date): number {
  const atMs = at.getTime();
  let [low, high] = [0, endsMs.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((endsMs[middle] ?? Infinity) <= atMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The calendar day that a moment is in, as what is always traded has it. */
export function dayOf(zone: string, at: Date): Session {
  const start = DateTime.fromJSDate(at, { zone }).startOf('day');
  const [opensAt, closesAt] = [start.toJSDate(), start.plus({ days: 1 }).toJSDate()];
  const spans = [{ from: opensAt, to: closesAt }];
  return { day: start.toFormat('yyyy-MM-dd'), opensAt, closesAt, spans };
}

function daysBetween(zone: string, { from, to }: { from: Date; to: Date }): readonly Session[] {
  const days: Session[] = [];
  for (let day = dayOf(zone, from); day.opensAt < to; day = dayOf(zone, day.closesAt)) {
    if (day.opensAt >= from) days.push(day);
  }
  return days;
}
