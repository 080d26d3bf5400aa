import { DateTime } from 'luxon';
import type { CalendarTable, WallSpan } from './calendar-table.ts';

/** From when to when is traded without a break; `to` is not part of it. */
export interface Span {
  readonly from: Date;
  readonly to: Date;
}

/** One trading day. */
export interface Session {
  /** Its date in the zone of the exchange, such as `2026-11-27`. */
  readonly day: string;
  readonly opensAt: Date;
  readonly closesAt: Date;
  /** What is traded of it, in order: two spans where there is a lunch break. */
  readonly spans: readonly Span[];
}

/** A span with its session, and what a search compares. */
export interface SessionSpan extends Span {
  readonly session: Session;
}

/** A table, worked out. */
export interface WorkedOutCalendar {
  /** What the table covers: from the first moment of its first day to the end of its last. */
  readonly validFrom: Date;
  readonly validUntil: Date;
  readonly sessions: readonly Session[];
  readonly spans: readonly SessionSpan[];
}

/** All trading days of a table in order; wall times become instants, whatever the clocks did then. */
export function workOut(table: CalendarTable): WorkedOutCalendar {
  const { zone } = table;
  const closed = new Set(table.closedDays);
  const first = DateTime.fromISO(table.validFrom, { zone });
  const last = DateTime.fromISO(table.validUntil, { zone });
  const sessions: Session[] = [];
  for (let at = first; at <= last; at = at.plus({ days: 1 })) {
    const day = at.toFormat('yyyy-MM-dd');
    if (!at.isWeekend && !closed.has(day)) sessions.push(sessionOn(day, table));
  }
  const spans = sessions.flatMap((session) => session.spans.map((span) => ({ ...span, session })));
  const validUntil = last.plus({ days: 1 }).toJSDate();
  return { validFrom: first.toJSDate(), validUntil, sessions, spans };
}

function sessionOn(day: string, { zone, hours, earlyCloses }: CalendarTable): Session {
  const early = earlyCloses[day];
  const instant = (time: string) => DateTime.fromISO(`${day}T${time}`, { zone }).toJSDate();
  const spans = hours.map(({ from, to }: WallSpan, index) => ({
    from: instant(from),
    to: instant(index === hours.length - 1 ? (early ?? to) : to),
  }));
  const [open, close] = [spans[0], spans.at(-1)];
  if (!open || !close) throw new Error('A calendar has hours.');
  return { day, opensAt: open.from, closesAt: close.to, spans };
}
