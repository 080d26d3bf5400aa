import type { Clock } from '../platform/clock.ts';
import type { Database } from '../platform/database.ts';
import { Decimal } from '../platform/money.ts';
import type { BarInterval, MarketSource } from '../platform/prisma/enums.ts';
import type { Query } from '../platform/query.ts';
import type { Viewer } from '../platform/viewer.ts';
import type { QuoteBook } from './quote-book.ts';

/** The newest price there is of an instrument, and when it was. */
export interface LastPrice {
  readonly price: Decimal;
  readonly time: Date;
  readonly source: MarketSource;
  /** Of the bar that it closed; left out for a quote. */
  readonly interval?: BarInterval;
}

export interface LastPrices {
  /**
   * Of each instrument the last price of its newest quote, or else the close of its newest bar of
   * any interval. One statement for all that have no quote; instruments without either are left
   * out.
   *
   * With `asOf` the newest close that was known then, and no quote: of those the newest alone is
   * kept. A time that has not come yet is taken for now.
   */
  of(
    viewer: Viewer,
    instrumentIds: readonly string[],
    asOf?: Date,
  ): Promise<Map<string, LastPrice>>;
}

interface BarClose extends LastPrice {
  readonly instrumentId: string;
  readonly interval: BarInterval;
}

export function createLastPrices({
  db,
  quotes,
  clock,
}: {
  readonly db: Database;
  readonly quotes: Pick<QuoteBook, 'latest'>;
  readonly clock: Clock;
}): LastPrices {
  return {
    async of(viewer, instrumentIds, asOf) {
      const prices = new Map<string, LastPrice>();
      const now = clock.now();
      for (const id of asOf ? [] : instrumentIds) {
        const quote = quotes.latest(id);
        if (quote) prices.set(id, { price: quote.last, time: quote.time, source: quote.source });
      }
      const unquoted = instrumentIds.filter((id) => !prices.has(id));
      if (unquoted.length === 0) return prices;
      const knownBy = asOf && asOf < now ? asOf : now;
      const closes = await db.read(viewer, (ask) => ask(lastClosesOf(unquoted, knownBy)));
      return new Map([...prices, ...closesFrom(closes)]);
    },
  };
}

const LAST_CLOSES = `SELECT wanted.id AS "instrumentId", newest.price, newest.time, newest.source,
    newest.interval
  FROM unnest($1::uuid[]) AS wanted (id)
  CROSS JOIN LATERAL (
    SELECT bar.close AS price, bar.close_time AS time, bar.source, span.interval
    FROM unnest(enum_range(NULL::bar_interval)) AS span (interval)
    CROSS JOIN LATERAL (
      SELECT close, close_time, source FROM bars
      WHERE instrument_id = wanted.id AND interval = span.interval
        AND known_at <= $2 AND close_time <= $2 AND close IS NOT NULL AND open_time < $2
      ORDER BY open_time DESC, known_at DESC LIMIT 1) AS bar
    ORDER BY bar.close_time DESC LIMIT 1) AS newest`;

/**
 * The newest close of any interval that was known by then; instruments without one are left out.
 */
export const lastClosesOf = (instrumentIds: readonly string[], knownBy: Date): Query<BarClose> => ({
  text: LAST_CLOSES,
  values: [[...instrumentIds], knownBy],
});

/** What the rows say, by the instrument. */
export function closesFrom(rows: readonly BarClose[]): Map<string, LastPrice> {
  return new Map(
    rows.map(({ instrumentId, price, ...bar }) => [
      instrumentId,
      { ...bar, price: new Decimal(price) },
    ]),
  );
}
