import { DateTime } from 'luxon';
import { Decimal } from '../../platform/money.ts';
import type { AssetClass, BarInterval, MarketCalendar } from '../../platform/prisma/enums.ts';

export type MarketName = 'US' | 'CHINA_A' | 'CRYPTO';

interface TimeOfDay {
  /** 24 is the midnight that ends the day. */
  readonly hour: number;
  readonly minute: number;
}

/** When and in what an exchange trades; one for each kind of imported records. */
export interface Exchange {
  readonly name: MarketName;
  /** IANA zone, whatever the files claim. */
  readonly zone: string;
  /** When its instruments are traded; bars are labelled by `opensAt` and `closesAt` on all days. */
  readonly calendar: MarketCalendar;
  readonly opensAt: TimeOfDay;
  readonly closesAt: TimeOfDay;
  readonly currency: string;
  readonly tickSize: Decimal;
  readonly lotSize: Decimal;
  /**
   * Which end of its hour an hourly bar's label names; see
   * docs/decisions/2026-11-21-what-an-hourly-label-names.md.
   */
  readonly hourLabels: 'OPEN' | 'CLOSE';
  assetClassOf(symbol: string): AssetClass;
}

/** The funds among the symbols of the US records; all others are shares. */
const US_FUNDS: ReadonlySet<string> = new Set(['QQQ']);
/** What the crypto records compare their traders with: five coins, bought and held. */
const CRYPTO_INDEXES: ReadonlySet<string> = new Set(['CD5']);
/** Shanghai numbers its indexes 000001 to 000999, Shenzhen 399001 to 399999; no share has these. */
const CHINESE_INDEX = /^(000\d{3}\.SH|399\d{3}\.SZ)$/;

export const EXCHANGES: Readonly<Record<MarketName, Exchange>> = {
  /**
   * NYSE and NASDAQ: regular sessions. Bars of half days are taken for whole ones: files do not
   * tell.
   */
  US: {
    name: 'US',
    zone: 'America/New_York',
    calendar: 'US_STOCKS',
    opensAt: { hour: 9, minute: 30 },
    closesAt: { hour: 16, minute: 0 },
    currency: 'USD',
    tickSize: new Decimal('0.0001'),
    lotSize: new Decimal(1),
    hourLabels: 'OPEN',
    assetClassOf: (symbol) => (US_FUNDS.has(symbol) ? 'ETF' : 'STOCK'),
  },
  /** A-shares of Shanghai and Shenzhen. Their lot is 100, but the records trade odd numbers. */
  CHINA_A: {
    name: 'CHINA_A',
    zone: 'Asia/Shanghai',
    calendar: 'CN_STOCKS',
    opensAt: { hour: 9, minute: 30 },
    closesAt: { hour: 15, minute: 0 },
    currency: 'CNY',
    tickSize: new Decimal('0.01'),
    lotSize: new Decimal(1),
    hourLabels: 'CLOSE',
    assetClassOf: (symbol) => (CHINESE_INDEX.test(symbol) ? 'INDEX' : 'STOCK'),
  },
  /** Coins against USDT: around the clock, days of UTC. */
  CRYPTO: {
    name: 'CRYPTO',
    zone: 'UTC',
    calendar: 'ALWAYS',
    opensAt: { hour: 0, minute: 0 },
    closesAt: { hour: 24, minute: 0 },
    currency: 'USDT',
    tickSize: new Decimal('0.00000001'),
    lotSize: new Decimal('0.00000001'),
    hourLabels: 'OPEN',
    assetClassOf: (symbol) => (CRYPTO_INDEXES.has(symbol) ? 'INDEX' : 'CRYPTO'),
  },
};

const CHINESE_SYMBOL = /^(\d{6})\.(?:SHH|SHZ|SH|SZ)$/;

/**
 * Where a symbol trades, of the spellings that {@link canonicalSymbol} takes; a bare one is a US
 * one.
 */
export function exchangeOfSymbol(symbol: string): Exchange {
  if (CHINESE_SYMBOL.test(symbol)) return EXCHANGES.CHINA_A;
  if (symbol.endsWith('-USDT') || CRYPTO_INDEXES.has(symbol)) return EXCHANGES.CRYPTO;
  return EXCHANGES.US;
}

/**
 * The one spelling of a symbol of the files: `600519.SHH` is `600519.SH`, `000001.SHZ` is
 * `000001.SZ`, and `BTC` in a file of coins is `BTC-USDT`. Any other is as it was given.
 */
export function canonicalSymbol(raw: string, { isCrypto }: { readonly isCrypto: boolean }): string {
  const code = CHINESE_SYMBOL.exec(raw)?.[1];
  if (code !== undefined) return `${code}.${/\.(?:SHH|SH)$/.test(raw) ? 'SH' : 'SZ'}`;
  const isCoin = isCrypto && !raw.includes('-') && !CRYPTO_INDEXES.has(raw);
  return isCoin ? `${raw}-USDT` : raw;
}

/** One bar's time: a trading day of an exchange, or an hour of one. */
export interface Session {
  /** As the file writes it: "2025-10-01" or "2025-10-01 10:00:00". */
  readonly label: string;
  /** Day of the label, such as "2025-10-01". */
  readonly date: string;
  readonly openTime: Date;
  readonly closeTime: Date;
  readonly interval: Extract<BarInterval, 'DAY_1' | 'HOUR_1'>;
}

/** The sessions of an exchange by label. */
export interface Calendar {
  readonly exchange: Exchange;
  /**
   * The day that a label of 10 characters names ("2025-10-01"), or the hour of one with a time (19,
   * or 16 where the seconds are left out). Undefined when there is no such time on the exchange's
   * clock. A time at which nothing trades, such as 08:30, is an hour like any other.
   */
  sessionOf(label: string): Session | undefined;
}

/** Remembers the sessions it was asked for: a thousand symbols share the same days. */
export function createCalendar(exchange: Exchange): Calendar {
  const known = new Map<string, Session | undefined>();
  return {
    exchange,
    sessionOf(label) {
      if (!known.has(label)) known.set(label, computeSession(exchange, label));
      return known.get(label);
    },
  };
}

const LABEL = /^(?:19|20|21)\d\d-\d\d-\d\d(?: \d\d:\d\d(?::\d\d)?)?$/;
const HOUR_MS = 3_600_000;

function computeSession(exchange: Exchange, label: string): Session | undefined {
  if (!LABEL.test(label)) return undefined;
  const { zone, opensAt, closesAt, hourLabels } = exchange;
  const time = DateTime.fromSQL(label, { zone });
  // A time that the clocks skip in spring is read as an hour later: there is no such time.
  if (!time.isValid || !time.toFormat('yyyy-MM-dd HH:mm:ss').startsWith(label)) return undefined;
  const date = label.slice(0, 10);
  if (label.length === date.length) {
    const [openTime, closeTime] = [timeOn(time, opensAt), timeOn(time, closesAt)];
    return { label, date, openTime, closeTime, interval: 'DAY_1' };
  }
  const openMs = time.toMillis() - (hourLabels === 'CLOSE' ? HOUR_MS : 0);
  const [openTime, closeTime] = [new Date(openMs), new Date(openMs + HOUR_MS)];
  return { label, date, openTime, closeTime, interval: 'HOUR_1' };
}

function timeOn(day: DateTime, { hour, minute }: TimeOfDay): Date {
  const isNextMidnight = hour === 24;
  return (isNextMidnight ? day.plus({ days: 1 }) : day.set({ hour, minute })).toJSDate();
}
