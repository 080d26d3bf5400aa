import type { Clock } from '../platform/clock.ts';
import {
  nextClose,
  nextOpen,
  phaseAt,
  sessionAtOrAfter,
  tableOf,
} from './calendars/trading-hours.ts';
import type { Timetable } from './calendars/trading-hours.ts';
import type { Session } from './calendars/sessions.ts';

/** What is known of the hours of an instrument now; null where nobody knows, or it never comes. */
export interface HoursNow {
  readonly isOpen: boolean | null;
  readonly nextOpen: Date | null;
  readonly nextClose: Date | null;
  /** The session it is in, or else the next one. */
  readonly session: Session | null;
  /** The last day of the calendar. */
  readonly validUntil: string | null;
}

export interface MarketHours {
  of(timetable: Timetable): HoursNow;
}

export function createMarketHours({ clock }: { readonly clock: Clock }): MarketHours {
  return {
    of(timetable) {
      const now = clock.now();
      return {
        isOpen: phaseAt(timetable, now)?.isOpen ?? null,
        nextOpen: nextOpen(timetable, now) ?? null,
        nextClose: nextClose(timetable, now) ?? null,
        session: sessionAtOrAfter(timetable, now) ?? null,
        validUntil: tableOf(timetable.calendar)?.validUntil ?? null,
      };
    },
  };
}
