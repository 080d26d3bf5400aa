import { Decimal, toColumn } from '../platform/money.ts';
import type { Prisma } from '../platform/prisma/client.ts';
import type { Tx } from '../platform/database.ts';

/** What holding one instrument would have returned. */
export interface Benchmark {
  readonly symbol: string;
  /** close / first close − 1. */
  readonly return: Decimal;
  /** The closes that it is measured between. */
  readonly from: Date;
  readonly to: Date;
}

interface CloseRow {
  readonly close: Prisma.Decimal;
  readonly close_time: Date;
}

/**
 * The return of `symbol` from its first daily close after `openedAfter` to its last one known at `asOf`.
 * Null when it has no two such closes.
 */
export async function readBenchmark(
  tx: Tx,
  { symbol, openedAfter, asOf }: { symbol: string; openedAfter: Date; asOf: Date },
): Promise<Benchmark | null> {
  const rows = await tx.$queryRaw<CloseRow[]>`
    WITH closes AS NOT MATERIALIZED (
      SELECT b.close, b.close_time, b.open_time, b.known_at
      FROM instruments i JOIN bars b ON b.instrument_id = i.id
      WHERE i.symbol = ${symbol} AND b.interval = 'DAY_1' AND b.close IS NOT NULL
        AND b.open_time <= ${asOf} AND b.known_at <= ${asOf} AND b.close_time > ${openedAfter}
        AND b.open_time > ${openedAfter}::timestamptz - interval '2 days'
    )
    (SELECT close, close_time FROM closes ORDER BY open_time, known_at LIMIT 1)
    UNION ALL
    (SELECT close, close_time FROM closes ORDER BY open_time DESC, known_at DESC LIMIT 1)`;
  const [first, last] = rows;
  if (!first || !last || first.close_time >= last.close_time) return null;
  const growth = new Decimal(last.close).dividedBy(new Decimal(first.close));
  return {
    symbol,
    return: toColumn(growth.minus(1)),
    from: first.close_time,
    to: last.close_time,
  };
}
