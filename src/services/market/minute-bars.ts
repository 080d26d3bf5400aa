import { Decimal, ZERO } from '../platform/money.ts';
import type { MarketSource } from '../platform/prisma/enums.ts';
import type { Quote } from './quote.ts';

/** A row of the bars' table, for a bar of one minute. */
export interface MinuteBarRow {
  readonly instrumentId: string;
  readonly interval: 'MINUTE_1';
  readonly openTime: Date;
  readonly knownAt: Date;
  readonly closeTime: Date;
  readonly open: Decimal;
  readonly high: Decimal | null;
  readonly low: Decimal | null;
  readonly close: Decimal | null;
  readonly volume: Decimal | null;
  readonly source: MarketSource;
}

/** What makes a bar before its minute is over. */
interface GrowingBar {
  readonly instrumentId: string;
  readonly source: MarketSource;
  readonly openTimeMs: number;
  readonly open: Decimal;
  high: Decimal;
  low: Decimal;
  close: Decimal;
  volume: Decimal;
  /** Whether a quote came in its minute: a bar without one is never closed. */
  isQuoted: boolean;
}

export interface MinuteBars {
  /**
   * Takes a quote; answers the rows that became known by it. One of a minute that is over is
   * ignored.
   */
  take(quote: Quote): MinuteBarRow[];
  /** Ends the minutes that are over at `now`; answers the rows that became known by it. */
  roll(now: Date): MinuteBarRow[];
  /** The unfinished bars with what is known of them at `now`. */
  soFar(now: Date): MinuteBarRow[];
  /** Goes on with a bar of which a row was stored before. */
  resume(row: MinuteBarRow): void;
}

const MINUTE_MS = 60_000;

/**
 * Makes bars of one minute out of last prices. A minute opens at the price that stands when it
 * begins, so that the open is known at that very moment; where no price stands, after a start or a
 * silence, it opens at the first quote and is known from then on. An instrument that falls silent
 * leaves one bar with its open alone and then none: no bar is made up.
 */
export function createMinuteBars(): MinuteBars {
  const bars = new Map<string, GrowingBar>();
  let minuteMs = -Infinity;

  const rollTo = (nextMinuteMs: number): MinuteBarRow[] => {
    if (nextMinuteMs <= minuteMs) return [];
    minuteMs = nextMinuteMs;
    const rows: MinuteBarRow[] = [];
    for (const bar of [...bars.values()]) {
      bars.delete(bar.instrumentId);
      const closeTimeMs = bar.openTimeMs + MINUTE_MS;
      if (!bar.isQuoted) continue;
      rows.push(wholeRow(bar, closeTimeMs));
      if (closeTimeMs !== minuteMs) continue;
      const next = openBar({ ...bar, price: bar.close, openTimeMs: minuteMs });
      bars.set(next.instrumentId, next);
      rows.push(openRow(next, minuteMs));
    }
    return rows;
  };

  return {
    take(quote) {
      const { instrumentId, source, last: price } = quote;
      const quoteMinuteMs = minuteOf(quote.time);
      const rows = rollTo(quoteMinuteMs);
      if (quoteMinuteMs < minuteMs) return rows;
      let bar = bars.get(instrumentId);
      if (!bar) {
        bar = openBar({ instrumentId, source, price, openTimeMs: minuteMs });
        bars.set(instrumentId, bar);
        rows.push(openRow(bar, quote.time.getTime()));
      }
      bar.high = Decimal.max(bar.high, price);
      bar.low = Decimal.min(bar.low, price);
      bar.close = price;
      bar.volume = bar.volume.plus(quote.volume ?? ZERO);
      bar.isQuoted = true;
      return rows;
    },
    roll: (now) => rollTo(minuteOf(now)),
    soFar: (now) =>
      [...bars.values()]
        .filter(({ isQuoted }) => isQuoted)
        .map((bar) => wholeRow(bar, now.getTime())),
    resume(row) {
      const { instrumentId, source, open, high, low, close, volume } = row;
      minuteMs = Math.max(minuteMs, row.openTime.getTime());
      bars.set(instrumentId, {
        ...openBar({ instrumentId, source, price: open, openTimeMs: row.openTime.getTime() }),
        ...(high && { high }),
        ...(low && { low }),
        ...(close && { close }),
        ...(volume && { volume }),
      });
    },
  };
}

function openBar(start: {
  readonly instrumentId: string;
  readonly source: MarketSource;
  readonly price: Decimal;
  readonly openTimeMs: number;
}): GrowingBar {
  const { instrumentId, source, price, openTimeMs } = start;
  const prices = { open: price, high: price, low: price, close: price };
  return { instrumentId, source, openTimeMs, ...prices, volume: ZERO, isQuoted: false };
}

function openRow(bar: GrowingBar, knownAtMs: number): MinuteBarRow {
  return { ...wholeRow(bar, knownAtMs), high: null, low: null, close: null, volume: null };
}

function wholeRow(bar: GrowingBar, knownAtMs: number): MinuteBarRow {
  const { instrumentId, source, openTimeMs, open, high, low, close, volume } = bar;
  return {
    instrumentId,
    interval: 'MINUTE_1',
    openTime: new Date(openTimeMs),
    knownAt: new Date(knownAtMs),
    closeTime: new Date(openTimeMs + MINUTE_MS),
    open,
    high,
    low,
    close,
    volume,
    source,
  };
}

/** The beginning of the minute that holds `time`, in milliseconds. */
export function minuteOf(time: Date): number {
  return Math.floor(time.getTime() / MINUTE_MS) * MINUTE_MS;
}
