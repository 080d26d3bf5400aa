import { Decimal, toColumn } from '../platform/money.ts';
import type { Tx } from '../platform/database.ts';
import { daysBefore } from './days-before.ts';
import { maxDrawdown } from './metrics.ts';

/** What holding one instrument would have returned. */
export interface Benchmark {
  readonly symbol: string;
  /** close / first close − 1. */
  readonly return: Decimal;
  /** Largest fall from a high, of its daily closes; an estimate to six decimals. */
  readonly maxDrawdown: Decimal;
  /** The closes that it is measured between. */
  readonly from: Date;
  readonly to: Date;
}

export interface BenchmarkCommand {
  readonly symbol: string;
  /** It begins with the first close after this, unless `since` is later. */
  readonly openedAfter: Date;
  /** It begins with the last close by then, if there is one in the two weeks before. */
  readonly since?: Date | undefined;
  readonly asOf: Date;
}

interface ClosesRow {
  readonly times: readonly Date[] | null;
  readonly closes: readonly string[] | null;
}

const LOOK_BACK_DAYS = 14;

/**
 * The return of `symbol` until its last close known at `asOf`: of its daily bars or, without one in that
 * time, of the last hourly bar of each of its days. Null when it has no two such closes.
 */
export async function readBenchmark(tx: Tx, command: BenchmarkCommand): Promise<Benchmark | null> {
  const { symbol, openedAfter, since, asOf } = command;
  const begins = since && since > openedAfter ? since : undefined;
  const after = begins ? daysBefore(begins, LOOK_BACK_DAYS) : openedAfter;
  const [row] = await tx.$queryRaw<ClosesRow[]>`
    WITH known AS NOT MATERIALIZED (
      SELECT b.interval, b.open_time, b.known_at, b.close_time, b.close,
        ((b.close_time - interval '1 microsecond') AT TIME ZONE i.zone)::date AS day
      FROM instruments i JOIN bars b ON b.instrument_id = i.id
      WHERE i.symbol = ${symbol} AND b.close IS NOT NULL AND b.close_time > ${after}
        AND b.close_time <= ${asOf} AND b.known_at <= ${asOf} AND b.open_time <= ${asOf}
        AND b.open_time > ${after}::timestamptz - interval '2 days'
    ), closes AS (
      SELECT DISTINCT ON (day) close_time, close FROM known
      WHERE interval = CASE WHEN EXISTS (SELECT 1 FROM known WHERE interval = 'DAY_1')
        THEN 'DAY_1'::bar_interval ELSE 'HOUR_1' END
      ORDER BY day, close_time DESC, known_at DESC
    )
    SELECT array_agg(close_time ORDER BY close_time) AS times,
      array_agg(close::text ORDER BY close_time) AS closes
    FROM closes`;
  const times = row?.times ?? [];
  const start = begins
    ? Math.max(
        0,
        times.findLastIndex((time) => time <= begins),
      )
    : 0;
  return between(symbol, times.slice(start), row?.closes?.slice(start) ?? []);
}

function between(
  symbol: string,
  times: readonly Date[],
  closes: readonly string[],
): Benchmark | null {
  const [from, to] = [times.at(0), times.at(-1)];
  if (!from || !to || from >= to) return null;
  const growth = new Decimal(closes.at(-1) ?? NaN).dividedBy(new Decimal(closes.at(0) ?? NaN));
  const drawdown = maxDrawdown(closes.map(Number));
  // A bar's prices are above zero: the database refuses others.
  if (!drawdown) throw new Error(`${symbol} has a close of zero.`);
  return { symbol, return: toColumn(growth.minus(1)), maxDrawdown: drawdown, from, to };
}
