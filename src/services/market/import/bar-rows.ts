import type { Tx } from '../../platform/database.ts';
import type { SourcedSeries } from './price-files.ts';

export interface BarsWritten {
  readonly added: number;
  /** Bars that are stored with other figures, and stay as they are. */
  readonly differing: number;
}

/**
 * Stores the bars of a batch that are not there yet; no two of its series are of one symbol and
 * interval. A whole bar is known at its close, an open alone at its time, and it goes in only where the
 * bar is not known otherwise.
 *
 * Columns travel as array literals, which PostgreSQL reads faster than the program could quote each
 * element; the numbers were checked to be plain digits.
 */
export async function insertBars(
  tx: Tx,
  batch: readonly SourcedSeries[],
  instrumentIds: ReadonlyMap<string, string>,
): Promise<BarsWritten> {
  const columns = columnsOf(batch);
  const ids = arrayOf(batch.map(({ symbol }) => instrumentIds.get(symbol) ?? 'NULL'));
  const intervals = arrayOf(batch.map(({ interval }) => interval));
  const counts = await tx.$queryRaw<BarsWritten[]>`
    WITH given AS MATERIALIZED (
      SELECT (${ids}::uuid[])[v.series] AS id, (${intervals}::bar_interval[])[v.series] AS interval,
        v.open_time, CASE WHEN v.close IS NULL THEN v.open_time ELSE v.close_time END AS known_at,
        v.close_time, v.open, v.high, v.low, v.close, v.volume
      FROM unnest(${columns.series}::int[], ${columns.openTimes}::timestamptz[],
        ${columns.closeTimes}::timestamptz[], ${columns.opens}::numeric[], ${columns.highs}::numeric[],
        ${columns.lows}::numeric[], ${columns.closes}::numeric[], ${columns.volumes}::numeric[])
        AS v (series, open_time, close_time, open, high, low, close, volume)
    ), added AS (
      INSERT INTO bars (instrument_id, interval, open_time, known_at, close_time, open, high, low,
        close, volume, source)
      SELECT g.id, g.interval, g.open_time, g.known_at, g.close_time, g.open, g.high, g.low, g.close,
        g.volume, 'IMPORTED'
      FROM given g
      WHERE g.close IS NOT NULL OR NOT EXISTS (
        SELECT 1 FROM bars b WHERE b.instrument_id = g.id AND b.interval = g.interval
          AND b.open_time = g.open_time)
      ON CONFLICT DO NOTHING RETURNING 1
    )
    SELECT (SELECT count(*)::int FROM added) AS added, (
      SELECT count(*)::int FROM given g JOIN bars b ON b.instrument_id = g.id
        AND b.interval = g.interval AND b.open_time = g.open_time AND b.known_at = g.known_at
      WHERE (b.open, b.high, b.low, b.close, b.volume)
        IS DISTINCT FROM (g.open, g.high, g.low, g.close, g.volume)) AS differing`;
  return counts[0] ?? { added: 0, differing: 0 };
}

function columnsOf(batch: readonly SourcedSeries[]) {
  const columns = {
    series: [] as string[],
    openTimes: [] as string[],
    closeTimes: [] as string[],
    opens: [] as string[],
    highs: [] as string[],
    lows: [] as string[],
    closes: [] as string[],
    volumes: [] as string[],
  };
  batch.forEach(({ bars }, index) => {
    for (const { session, open, rest } of bars) {
      columns.series.push(String(index + 1));
      columns.openTimes.push(session.openTime.toISOString());
      columns.closeTimes.push(session.closeTime.toISOString());
      columns.opens.push(open);
      columns.highs.push(rest?.high ?? 'NULL');
      columns.lows.push(rest?.low ?? 'NULL');
      columns.closes.push(rest?.close ?? 'NULL');
      columns.volumes.push(rest?.volume ?? 'NULL');
    }
  });
  return {
    series: arrayOf(columns.series),
    openTimes: arrayOf(columns.openTimes),
    closeTimes: arrayOf(columns.closeTimes),
    opens: arrayOf(columns.opens),
    highs: arrayOf(columns.highs),
    lows: arrayOf(columns.lows),
    closes: arrayOf(columns.closes),
    volumes: arrayOf(columns.volumes),
  };
}

const arrayOf = (elements: readonly string[]): string => `{${elements.join(',')}}`;
