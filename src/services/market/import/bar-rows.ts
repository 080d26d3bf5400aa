import type { Tx } from '../../platform/database.ts';
import type { Session } from './exchange.ts';
import type { SourcedSeries } from './price-files.ts';

export interface BarsWritten {
  readonly added: number;
  /** Bars that are stored with other figures, and stay as they are. */
  readonly differing: number;
}

/**
 * Stores the bars of a batch that are not there yet; no two of its series are of one symbol and
 * interval. A whole bar is known at its close, an open alone at its time, and it goes in only where
 * the bar is not known otherwise. Bars are compared with the stored ones only when not all of them
 * are new.
 *
 * Columns travel as array literals, which PostgreSQL reads faster than the program could quote each
 * element; the numbers were checked to be plain digits. A batch has a hundred times as many bars as
 * times, so that these travel once.
 */
export async function insertBars(
  tx: Tx,
  batch: readonly SourcedSeries[],
  instrumentIds: ReadonlyMap<string, string>,
): Promise<BarsWritten> {
  const columns = columnsOf(batch, instrumentIds);
  const counts = await tx.$queryRaw<BarsWritten[]>`
    WITH given AS MATERIALIZED (
      SELECT (${columns.ids}::uuid[])[v.series] AS id,
        (${columns.intervals}::bar_interval[])[v.series] AS interval,
        (${columns.openTimes}::timestamptz[])[v.session] AS open_time,
        (${columns.closeTimes}::timestamptz[])[v.session] AS close_time,
        v.open, v.high, v.low, v.close, v.volume
      FROM unnest(${columns.series}::int[], ${columns.sessions}::int[], ${columns.opens}::numeric[],
        ${columns.highs}::numeric[], ${columns.lows}::numeric[], ${columns.closes}::numeric[],
        ${columns.volumes}::numeric[]) AS v (series, session, open, high, low, close, volume)
    ), added AS (
      INSERT INTO bars (instrument_id, interval, open_time, known_at, close_time, open, high, low,
        close, volume, source)
      SELECT g.id, g.interval, g.open_time,
        CASE WHEN g.close IS NULL THEN g.open_time ELSE g.close_time END,
        g.close_time, g.open, g.high, g.low, g.close, g.volume, 'IMPORTED'
      FROM given g
      WHERE g.close IS NOT NULL OR NOT EXISTS (
        SELECT 1 FROM bars b WHERE b.instrument_id = g.id AND b.interval = g.interval
          AND b.open_time = g.open_time)
      ON CONFLICT DO NOTHING RETURNING 1
    ), counted AS (SELECT count(*)::int AS added FROM added)
    SELECT added, CASE WHEN added = (SELECT count(*) FROM given) THEN 0 ELSE (
      SELECT count(*)::int FROM given g JOIN bars b ON b.instrument_id = g.id
        AND b.interval = g.interval AND b.open_time = g.open_time
        AND b.known_at = CASE WHEN g.close IS NULL THEN g.open_time ELSE g.close_time END
      WHERE (b.open, b.high, b.low, b.close, b.volume)
        IS DISTINCT FROM (g.open, g.high, g.low, g.close, g.volume)) END AS differing
    FROM counted`;
  return counts[0] ?? { added: 0, differing: 0 };
}

const ABSENT = 'NULL';

function columnsOf(batch: readonly SourcedSeries[], instrumentIds: ReadonlyMap<string, string>) {
  const numbers = new Map<Session, string>();
  const [series, sessions] = [[] as string[], [] as string[]];
  const [opens, highs, lows] = [[] as string[], [] as string[], [] as string[]];
  const [closes, volumes] = [[] as string[], [] as string[]];
  batch.forEach(({ bars }, index) => {
    // Arrays of PostgreSQL are numbered from 1.
    const seriesNumber = String(index + 1);
    for (const { session, open, rest } of bars) {
      const number = numbers.get(session) ?? String(numbers.size + 1);
      numbers.set(session, number);
      series.push(seriesNumber);
      sessions.push(number);
      opens.push(open);
      highs.push(rest?.high ?? ABSENT);
      lows.push(rest?.low ?? ABSENT);
      closes.push(rest?.close ?? ABSENT);
      volumes.push(rest?.volume ?? ABSENT);
    }
  });
  const times = [...numbers.keys()];
  const openTimes = times.map(({ openTime }) => openTime.toISOString());
  const closeTimes = times.map(({ closeTime }) => closeTime.toISOString());
  const ids = batch.map(({ symbol }) => instrumentIds.get(symbol) ?? ABSENT);
  const intervals = batch.map(({ interval }) => interval);
  const columns = { ids, intervals, openTimes, closeTimes, series, sessions };
  return literalsOf({ ...columns, opens, highs, lows, closes, volumes });
}

function literalsOf<Name extends string>(
  columns: Record<Name, readonly string[]>,
): Record<Name, string> {
  const literals = Object.entries<readonly string[]>(columns).map(([name, elements]) => [
    name,
    `{${elements.join(',')}}`,
  ]);
  return Object.fromEntries(literals) as Record<Name, string>;
}
