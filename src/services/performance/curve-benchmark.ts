import { Decimal, toColumn, ZERO } from '../platform/money.ts';
import type { Tx } from '../platform/database.ts';
import { pickPoints } from './lttb.ts';
import type { EquityPoint } from './equity-series.ts';

export interface BenchmarkPoint {
  readonly at: Date;
  /** What the equity at the curve's first point would be worth, had it bought the instrument. */
  readonly value: Decimal;
}

/** An instrument that was just held, beside a curve. */
export interface CurveBenchmark {
  readonly symbol: string;
  /** Last close / first close − 1. */
  readonly return: Decimal;
  /** Oldest first. */
  readonly points: readonly BenchmarkPoint[];
}

export interface CurveBenchmarkCommand {
  readonly symbol: string;
  /** First point of the curve. */
  readonly start: Pick<EquityPoint, 'at' | 'equity'>;
  readonly to: Date;
  /** The time whose knowledge is asked for. */
  readonly asOf: Date;
  /** Most points wanted. */
  readonly points: number;
}

interface PackedCloses {
  /** Milliseconds since 1970, in order. */
  readonly times: readonly number[] | null;
  readonly closes: string | null;
}

/**
 * The closes of `symbol` from the curve's first point to `to`, the first of them scaled to the equity
 * there: of its days, else of its hours, else of its minutes, whichever has one in that time first.
 * Thinned to `points` with the shape kept. Null without two closes, and for an equity not above zero.
 */
export async function readCurveBenchmark(
  tx: Tx,
  { symbol, start, to, asOf, points }: CurveBenchmarkCommand,
): Promise<CurveBenchmark | null> {
  // As text in one piece, for the same reason as the curve itself; decimals stay exact.
  const [row] = await tx.$queryRaw<PackedCloses[]>`
    WITH known AS NOT MATERIALIZED (
      SELECT b.interval, b.open_time, b.known_at, b.close_time, b.close
      FROM instruments i JOIN bars b ON b.instrument_id = i.id
      WHERE i.symbol = ${symbol} AND b.close IS NOT NULL AND b.known_at <= ${asOf}
        AND b.close_time >= ${start.at} AND b.close_time <= ${to}
        AND b.open_time >= ${start.at}::timestamptz - interval '2 days' AND b.open_time < ${to}
    ), finest AS (
      SELECT s.interval FROM unnest('{DAY_1,HOUR_1,MINUTE_1}'::bar_interval[]) WITH ORDINALITY
        AS s (interval, place)
      WHERE EXISTS (SELECT 1 FROM known k WHERE k.interval = s.interval)
      ORDER BY s.place LIMIT 1
    ), closes AS (
      SELECT DISTINCT ON (k.open_time) k.close_time, k.close
      FROM known k WHERE k.interval = (SELECT f.interval FROM finest f)
      ORDER BY k.open_time, k.known_at DESC
    )
    SELECT array_agg(date_part('epoch', close_time) * 1000 ORDER BY close_time) AS times,
      string_agg(trim_scale(close)::text, ' ' ORDER BY close_time) AS closes
    FROM closes`;
  const closes = row?.closes?.split(' ') ?? [];
  const times = row?.times ?? [];
  const first = new Decimal(closes[0] ?? 0);
  if (closes.length < 2 || !start.equity.greaterThan(ZERO)) return null;
  const x = Float64Array.from(times);
  const y = Float64Array.from(closes, Number);
  const growthTo = (index: number): Decimal => new Decimal(closes[index] ?? 0).dividedBy(first);
  return {
    symbol,
    return: toColumn(growthTo(closes.length - 1).minus(1)),
    points: Array.from(pickPoints({ x, y }, points), (index) => ({
      at: new Date(x[index] ?? 0),
      value: toColumn(growthTo(index).times(start.equity)),
    })),
  };
}
