import { DateTime, IANAZone } from 'luxon';
import type { CalendarTable, WallTime } from './calendar-table.ts';

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

/** A span with its session. */
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
  /** When each span ends, in milliseconds: what a search compares. */
  readonly endsMs: readonly number[];
}

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

/**
 * All trading days of a table in order; wall times become instants, whatever the clocks did then.
 */
export function workOut(table: CalendarTable): WorkedOutCalendar {
  const zone = IANAZone.create(table.zone);
  const closed = new Set(table.closedDays);
  const sessions: Session[] = [];
  const lastMs = Date.parse(table.validUntil);
  for (let dayMs = Date.parse(table.validFrom); dayMs <= lastMs; dayMs += DAY_MS) {
    const day = new Date(dayMs).toISOString().slice(0, 'yyyy-mm-dd'.length);
    const isWeekend = [0, 6].includes(new Date(dayMs).getUTCDay());
    if (!isWeekend && !closed.has(day)) sessions.push(sessionOn({ day, dayMs }, table, zone));
  }
  const spans = sessions.flatMap((session) => session.spans.map((span) => ({ ...span, session })));
  return {
    validFrom: DateTime.fromISO(table.validFrom, { zone }).toJSDate(),
    validUntil: DateTime.fromISO(table.validUntil, { zone }).plus({ days: 1 }).toJSDate(),
    sessions,
    spans,
    endsMs: spans.map(({ to }) => to.getTime()),
  };
}

/** `dayMs` is the midnight that begins the day in UTC. */
function sessionOn(
  { day, dayMs }: { readonly day: string; readonly dayMs: number },
  { hours, earlyCloses }: CalendarTable,
  zone: IANAZone,
): Session {
  // Clocks are changed in the night of a weekend: at noon they show what they show all the session.
  const offsetMs = zone.offset(dayMs + DAY_MS / 2) * MINUTE_MS;
  const instant = (time: WallTime) => {
    const [hour, minute] = time.split(':').map(Number);
    return new Date(dayMs + ((hour ?? 0) * 60 + (minute ?? 0)) * MINUTE_MS - offsetMs);
  };
  const early = earlyCloses[day];
  const spans = hours.map(({ from, to }, index) => ({
    from: instant(from),
    to: instant(index === hours.length - 1 ? (early ?? to) : to),
  }));
  const [open, close] = [spans[0], spans.at(-1)];
  if (!open || !close) throw new Error('A calendar has hours.');
  return { day, opensAt: open.from, closesAt: close.to, spans };
}
