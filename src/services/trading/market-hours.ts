import {
  dayOf,
  phaseAt,
  sessionAtOrAfter,
  tableOf,
  type Timetable,
} from '../market/calendars/trading-hours.ts';
import type { Instrument } from '../platform/prisma/client.ts';
import type { MarketCalendar, TimeInForce } from '../platform/prisma/enums.ts';
import { isImmediate } from './engine/order-terms.ts';
import type { OrderDenied } from './errors.ts';
import { CalendarUnknown, MarketClosed } from './hours-errors.ts';

/** Why the hours of an instrument refuse an order. Text alone, as it is stored beside the order. */
export type HoursRefusal =
  | { readonly code: 'MARKET_CLOSED'; readonly symbol: string; readonly opensAt: string }
  | {
      readonly code: 'CALENDAR_UNKNOWN';
      readonly symbol: string;
      readonly calendar: MarketCalendar;
      readonly validUntil: string;
    };

/** The error that tells it. */
export function hoursDenialOf(refusal: HoursRefusal, orderId: string | null): OrderDenied {
  switch (refusal.code) {
    case 'MARKET_CLOSED':
      return new MarketClosed(orderId, { ...refusal, opensAt: new Date(refusal.opensAt) });
    case 'CALENDAR_UNKNOWN':
      return new CalendarUnknown(orderId, refusal);
  }
}

/**
 * What the hours of an instrument have against an order now. While it is not traded, an order waits
 * for the open, unless it fills at once or not at all. Costs nothing for what is always traded.
 */
export function judgeHours(
  { symbol, calendar, zone }: Timetable & Pick<Instrument, 'symbol'>,
  { timeInForce }: { readonly timeInForce: TimeInForce },
  now: Date,
): HoursRefusal | undefined {
  const table = tableOf(calendar);
  if (!table) return undefined;
  const phase = phaseAt({ calendar, zone }, now);
  if (!phase) {
    return { code: 'CALENDAR_UNKNOWN', symbol, calendar, validUntil: table.validUntil };
  }
  if (phase.isOpen || !isImmediate(timeInForce) || !phase.until) return undefined;
  return { code: 'MARKET_CLOSED', symbol, opensAt: phase.until.toISOString() };
}

/**
 * When an order for the DAY ends: at the close of the session that it is placed in, or of the next
 * one; for what is always traded, at the midnight of its zone, and for a day that nobody knows as
 * well: the gate refuses it.
 */
export function endOfDay({ calendar, zone }: Timetable, now: Date): Date {
  const session = sessionAtOrAfter({ calendar, zone }, now) ?? dayOf(zone, now);
  return session.closesAt;
}
