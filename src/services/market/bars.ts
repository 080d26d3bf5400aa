import type { Clock } from '../platform/clock.ts';
import type { Database } from '../platform/database.ts';
import { InvalidInput } from '../platform/errors.ts';
import { Decimal } from '../platform/money.ts';
import { Prisma, type Bar } from '../platform/prisma/client.ts';
import type { BarInterval } from '../platform/prisma/enums.ts';
import type { Viewer } from '../platform/viewer.ts';

export interface BarsSpan {
  readonly instrumentId: string;
  readonly interval: BarInterval;
  /** Bars that open at this time or later. */
  readonly from?: Date;
  /** Bars that open before this time. */
  readonly to?: Date;
  /** The time whose knowledge is asked for; now when left out, and never later than now. */
  readonly asOf?: Date;
}

export interface BarsFilter extends BarsSpan {
  /**
   * From 1 to {@link BARS_LIMIT_MAX}, and one more for a page that must know if another follows.
   */
  readonly limit: number;
  /** Key of a bar: those that come after it in the list, so that opened earlier. */
  readonly after?: Date;
  /** Key of a bar: those that come before it in the list, so that opened later. */
  readonly before?: Date;
  /** The list from its other end: the oldest bars, oldest first. */
  readonly inverted?: boolean;
}

const BARS_LIMIT_MAX = 5_000;

export interface Bars {
  /**
   * The bars as they were known at `asOf`, newest first, each once, keyed by `openTime`. A bar that
   * was not closed then, or whose whole was not known yet, has its open alone: high, low, close and
   * volume are null. The open is known at the open, of an imported bar too, which is stored when it
   * is over. Refuses a limit out of range with InvalidInput. The decimals are Prisma's, of 20
   * digits: wrap them in ours before arithmetic.
   */
  list(viewer: Viewer, filter: BarsFilter): Promise<Bar[]>;
  /** How many bars the whole list has. */
  count(viewer: Viewer, filter: BarsSpan): Promise<number>;
  /**
   * The newest known price of each instrument at `asOf`: the close of its last minute, or the open
   * of one that has only that. Instruments without a bar are left out.
   */
  latestPrices(viewer: Viewer, instrumentIds: readonly string[]): Promise<Map<string, Decimal>>;
}

export function createBars({ db, clock }: { db: Database; clock: Clock }): Bars {
  return {
    async list(viewer, filter) {
      const { limit } = filter;
      if (!Number.isInteger(limit) || limit < 1 || limit > BARS_LIMIT_MAX + 1) {
        throw new InvalidInput('limit', `Ask for 1 to ${String(BARS_LIMIT_MAX)} bars.`);
      }
      const asOf = earlier(filter.asOf, clock.now());
      const rows = await db.snapshot(viewer, (tx) =>
        tx.$queryRaw<Bar[]>(barsQuery({ ...filter, asOf })),
      );
      return rows.map((row) => asKnown(row, asOf));
    },

    async count(viewer, filter) {
      const asOf = earlier(filter.asOf, clock.now());
      const [row] = await db.snapshot(
        viewer,
        (tx) => tx.$queryRaw<{ count: number }[]>`
          SELECT count(DISTINCT open_time)::int AS count FROM bars
          WHERE ${Prisma.join(conditionsOf({ ...filter, asOf }), ' AND ')}`,
      );
      return row?.count ?? 0;
    },

    async latestPrices(viewer, instrumentIds) {
      const rows = await db.snapshot(
        viewer,
        (tx) => tx.$queryRaw<{ instrumentId: string; price: Prisma.Decimal }[]>`
          SELECT wanted.id AS "instrumentId", newest.price
          FROM unnest(${[...instrumentIds]}::uuid[]) AS wanted (id)
          CROSS JOIN LATERAL (
            SELECT coalesce(close, open) AS price FROM bars
            WHERE instrument_id = wanted.id AND interval = 'MINUTE_1' AND known_at <= ${clock.now()}
            ORDER BY open_time DESC, known_at DESC LIMIT 1) AS newest`,
      );
      return new Map(rows.map((row) => [row.instrumentId, new Decimal(row.price.toFixed())]));
    },
  };
}

/**
 * For each bar the row that was known last. It walks the primary key (instrument, interval, open
 * time, known at) in its order and stops at the limit, so its cost grows with the page and not with
 * the table.
 */
export function barsQuery(filter: BarsFilter & { readonly asOf: Date }): Prisma.Sql {
  const { after, before, limit } = filter;
  const order = filter.inverted ? Prisma.sql`ASC` : Prisma.sql`DESC`;
  const conditions = [
    ...conditionsOf(filter),
    ...(after ? [Prisma.sql`open_time < ${after}`] : []),
    ...(before ? [Prisma.sql`open_time > ${before}`] : []),
  ];
  return Prisma.sql`
    SELECT DISTINCT ON (open_time) instrument_id AS "instrumentId", interval,
      open_time AS "openTime", known_at AS "knownAt", close_time AS "closeTime",
      open, high, low, close, volume, source
    FROM bars WHERE ${Prisma.join(conditions, ' AND ')}
    ORDER BY open_time ${order}, known_at DESC LIMIT ${limit}`;
}

function conditionsOf(span: BarsSpan & { readonly asOf: Date }): Prisma.Sql[] {
  const { instrumentId, interval, asOf, from, to } = span;
  return [
    Prisma.sql`instrument_id = ${instrumentId}::uuid`,
    Prisma.sql`interval = ${interval}::bar_interval`,
    // The last bounds the walk over the key. Whole bars of the records come without a row for their
    // open, which was known when they opened all the same.
    Prisma.sql`(known_at <= ${asOf} OR (source = 'IMPORTED' AND known_at = close_time))
      AND open_time <= ${asOf}`,
    ...(from ? [Prisma.sql`open_time >= ${from}`] : []),
    ...(to ? [Prisma.sql`open_time < ${to}`] : []),
  ];
}

/** Nothing but the open of a bar that is not over: that is all there is of it. */
function asKnown(row: Bar, asOf: Date): Bar {
  if (row.closeTime <= asOf) return row;
  const knownAt = row.knownAt <= asOf ? row.knownAt : row.openTime;
  return { ...row, knownAt, high: null, low: null, close: null, volume: null };
}

function earlier(time: Date | undefined, now: Date): Date {
  return time && time < now ? time : now;
}
