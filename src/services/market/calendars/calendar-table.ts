/** A time of the clock on the wall, such as `09:30`. */
export type WallTime = `${number}:${number}`;

/** From when to when is traded without a break. */
export interface WallSpan {
  readonly from: WallTime;
  readonly to: WallTime;
}

/**
 * When the exchanges of a country trade, as they announced it. Days are written as `2026-11-27`.
 */
export interface CalendarTable {
  /** Who announced it, and where: one line for each announcement. */
  readonly sources: readonly string[];
  /** First and last day that the announcements cover. Nothing is known of any other. */
  readonly validFrom: string;
  readonly validUntil: string;
  /** IANA zone of the wall times and of the days. */
  readonly zone: string;
  /** Of a usual day, in order. */
  readonly hours: readonly WallSpan[];
  /** Monday to Friday without trading. Saturdays and Sundays have none, whatever is worked then. */
  readonly closedDays: readonly string[];
  /** When the last span ends on days that end early. */
  readonly earlyCloses: Readonly<Record<string, WallTime>>;
}
