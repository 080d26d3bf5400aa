import type { MarketCalendar } from '../platform/prisma/enums.ts';
import { OrderDenied } from './errors.ts';

/** An order that fills at once or not at all came while its instrument is not traded. */
export class MarketClosed extends OrderDenied {
  readonly code = 'MARKET_CLOSED';
  readonly symbol: string;
  readonly opensAt: Date;

  constructor(
    orderId: string | null,
    { symbol, opensAt }: { readonly symbol: string; readonly opensAt: Date },
  ) {
    super(orderId, `${symbol} is not traded before ${opensAt.toISOString()}.`);
    this.symbol = symbol;
    this.opensAt = opensAt;
  }
}

/** Nobody knows when the instrument is traded: what the exchange announced is used up. */
export class CalendarUnknown extends OrderDenied {
  readonly code = 'CALENDAR_UNKNOWN';
  readonly symbol: string;
  readonly calendar: MarketCalendar;
  /** The last day that is known. */
  readonly validUntil: string;

  constructor(
    orderId: string | null,
    given: Pick<CalendarUnknown, 'symbol' | 'calendar' | 'validUntil'>,
  ) {
    const { symbol, calendar, validUntil } = given;
    super(orderId, `The sessions of ${symbol} are known until ${validUntil}, and not after.`);
    this.symbol = symbol;
    this.calendar = calendar;
    this.validUntil = validUntil;
  }
}
