import { Decimal } from '../../platform/money.ts';
import type { Session } from '../../market/import/exchange.ts';
import type { Tx } from '../../platform/database.ts';

/** What the market says of an instrument at a session. */
export interface MarketPrice {
  /** The bar of that session; `low` and `high` are the open while that alone is known. */
  readonly bar: BarRange | undefined;
  /** The open of that bar, else the last price before it, else the first after it. */
  readonly price: Decimal | undefined;
}

export interface BarRange {
  readonly open: Decimal;
  readonly low: Decimal;
  readonly high: Decimal;
}

export interface PriceQuery {
  readonly instrumentId: string;
  readonly session: Session;
}

export type MarketPrices = (query: PriceQuery) => MarketPrice;

const keyOf = ({ instrumentId, session }: PriceQuery): string =>
  `${instrumentId} ${session.interval} ${String(session.openTime.getTime())}`;

interface PriceRow {
  readonly open: string | null;
  readonly low: string | null;
  readonly high: string | null;
  readonly nearest: string | null;
}

/** Answers all queries in one statement, of index look-ups alone. */
export async function findPrices(tx: Tx, queries: readonly PriceQuery[]): Promise<MarketPrices> {
  const byKey = new Map(queries.map((query) => [keyOf(query), query]));
  const keys = [...byKey.keys()];
  const rows = keys.length === 0 ? [] : await selectPrices(tx, [...byKey.values()]);
  const prices = new Map(rows.map((row, index) => [keys[index], priceOf(row)]));
  return (query) => {
    const price = prices.get(keyOf(query));
    if (!price) throw new Error('A price is asked for before it is looked up.');
    return price;
  };
}

function selectPrices(tx: Tx, queries: readonly PriceQuery[]): Promise<PriceRow[]> {
  const columns = {
    ids: queries.map(({ instrumentId }) => instrumentId),
    intervals: queries.map(({ session }) => session.interval),
    times: queries.map(({ session }) => session.openTime.toISOString()),
  };
  return tx.$queryRaw<PriceRow[]>`
    SELECT b.open::text, b.low::text, b.high::text, coalesce(e.price, l.price)::text AS nearest
    FROM unnest(${columns.ids}::text[]::uuid[], ${columns.intervals}::text[]::bar_interval[],
      ${columns.times}::text[]::timestamptz[]) WITH ORDINALITY AS g (id, interval, at, number)
      LEFT JOIN LATERAL (
        SELECT open, low, high FROM bars
        WHERE instrument_id = g.id AND interval = g.interval AND open_time = g.at
        ORDER BY known_at DESC LIMIT 1) b ON true
      LEFT JOIN LATERAL (
        SELECT n.price FROM unnest(ARRAY['DAY_1', 'HOUR_1']::bar_interval[]) AS i (interval)
          CROSS JOIN LATERAL (
            SELECT coalesce(close, open) AS price, known_at FROM bars
            WHERE b.open IS NULL AND instrument_id = g.id AND interval = i.interval
              AND open_time < g.at AND known_at <= g.at
            ORDER BY open_time DESC, known_at DESC LIMIT 1) n
        ORDER BY n.known_at DESC LIMIT 1) e ON true
      LEFT JOIN LATERAL (
        SELECT n.price FROM unnest(ARRAY['DAY_1', 'HOUR_1']::bar_interval[]) AS i (interval)
          CROSS JOIN LATERAL (
            SELECT open AS price, open_time FROM bars
            WHERE b.open IS NULL AND e.price IS NULL AND instrument_id = g.id
              AND interval = i.interval AND open_time > g.at
            ORDER BY open_time, known_at DESC LIMIT 1) n
        ORDER BY n.open_time LIMIT 1) l ON true
    ORDER BY g.number`;
}

function priceOf({ open, low, high, nearest }: PriceRow): MarketPrice {
  if (open === null) {
    return { bar: undefined, price: nearest === null ? undefined : new Decimal(nearest) };
  }
  const price = new Decimal(open);
  const bar = { open: price, low: new Decimal(low ?? open), high: new Decimal(high ?? open) };
  return { bar, price };
}
