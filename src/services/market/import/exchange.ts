import { DateTime } from 'luxon';
import { Decimal } from '../../platform/money.ts';
import type { AssetClass } from '../../platform/prisma/enums.ts';

/** When and in what an exchange trades; one for each kind of imported records. */
export interface Exchange {
  /** IANA zone, whatever the files claim. */
  readonly zone: string;
  readonly opensAt: { readonly hour: number; readonly minute: number };
  readonly closesAt: { readonly hour: number; readonly minute: number };
  readonly currency: string;
  readonly tickSize: Decimal;
  readonly lotSize: Decimal;
  assetClassOf(symbol: string): AssetClass;
}

/** The funds among the symbols of the US records; all others are shares. */
const US_FUNDS: ReadonlySet<string> = new Set(['QQQ']);

/** NYSE and NASDAQ: regular sessions. Half days are taken for whole ones, as the files do not tell. */
export const US_STOCKS: Exchange = {
  zone: 'America/New_York',
  opensAt: { hour: 9, minute: 30 },
  closesAt: { hour: 16, minute: 0 },
  currency: 'USD',
  tickSize: new Decimal('0.0001'),
  lotSize: new Decimal(1),
  assetClassOf: (symbol) => (US_FUNDS.has(symbol) ? 'ETF' : 'STOCK'),
};

/** One trading day of an exchange. */
export interface Session {
  /** Such as "2025-10-01". */
  readonly date: string;
  readonly openTime: Date;
  readonly closeTime: Date;
}

/** The sessions of an exchange by date. */
export interface Calendar {
  readonly exchange: Exchange;
  /** Undefined when `date` is not a day of the calendar in the form YYYY-MM-DD. */
  sessionOf(date: string): Session | undefined;
}

/** Remembers the sessions it was asked for: a thousand symbols share the same days. */
export function createCalendar(exchange: Exchange): Calendar {
  const known = new Map<string, Session | undefined>();
  return {
    exchange,
    sessionOf(date) {
      if (!known.has(date)) known.set(date, computeSession(exchange, date));
      return known.get(date);
    },
  };
}

function computeSession({ zone, opensAt, closesAt }: Exchange, date: string): Session | undefined {
  const day = DateTime.fromFormat(date, 'yyyy-MM-dd', { zone });
  if (!day.isValid) return undefined;
  return { date, openTime: day.set(opensAt).toJSDate(), closeTime: day.set(closesAt).toJSDate() };
}
