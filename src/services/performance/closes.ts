import type { Query } from '../platform/query.ts';
import type { Ask } from '../platform/read-transaction.ts';

/** An instrument, as far as its closes are concerned. */
export interface Closing {
  readonly id: string;
  readonly symbol: string;
  /** Zone of its days. */
  readonly zone: string;
}

const INSTRUMENT_OF_SYMBOL = 'SELECT id, symbol, zone FROM instruments WHERE symbol = $1';

export async function findInstrument(ask: Ask, symbol: string): Promise<Closing | undefined> {
  const [instrument] = await ask<Closing>({ text: INSTRUMENT_OF_SYMBOL, values: [symbol] });
  return instrument;
}

export interface ClosesCommand {
  readonly instrumentId: string;
  /** Zone of its days. */
  readonly zone: string;
  /** The closes between these times, both included. */
  readonly from: Date;
  readonly to: Date;
  /** The time whose knowledge is asked for. */
  readonly asOf: Date;
  /** Whether only the last close of each day is wanted. */
  readonly isDaily: boolean;
}

export interface Closes {
  /** Milliseconds since 1970, oldest first. */
  readonly times: readonly number[];
  /** Their decimals, to the last digit. */
  readonly prices: readonly string[];
}

interface PackedCloses {
  readonly times: readonly number[] | null;
  readonly prices: string | null;
}

/**
 * What an instrument closed at: on a day with a daily close that one, and on a day without one its
 * hours; of minutes only when it has neither days nor hours in that time. So the closes end with
 * the last one known, be it of a day or of an hour, and a day is not told twice. The close at
 * midnight belongs to the day that it ends.
 */
export async function readCloses(ask: Ask, command: ClosesCommand): Promise<Closes> {
  const [row] = await ask(closesOf(command));
  return { times: row?.times ?? [], prices: row?.prices?.split(' ') ?? [] };
}

/** As text in one piece, as the curve itself is: one by one, rows take many times as long. */
const CLOSES = `
  WITH known AS NOT MATERIALIZED (
    SELECT interval, open_time, known_at, close_time, close,
      ((close_time - interval '1 microsecond') AT TIME ZONE $2::text)::date AS day
    FROM bars
    WHERE instrument_id = $1::uuid AND close IS NOT NULL AND known_at <= $3
      AND close_time >= $4 AND close_time <= $5
      AND open_time >= $4::timestamptz - interval '2 days' AND open_time < $5
  ), coarse AS MATERIALIZED (
    SELECT DISTINCT ON (interval, open_time) interval, day, close_time, close
    FROM known WHERE interval IN ('DAY_1', 'HOUR_1')
    ORDER BY interval, open_time, known_at DESC
  ), minutes AS (
    SELECT DISTINCT ON (open_time) day, close_time, close
    FROM known WHERE interval = 'MINUTE_1' AND NOT EXISTS (SELECT 1 FROM coarse)
    ORDER BY open_time, known_at DESC
  ), used AS (
    SELECT day, close_time, close FROM coarse
    WHERE interval = 'DAY_1'
      OR day NOT IN (SELECT c.day FROM coarse c WHERE c.interval = 'DAY_1')
    UNION ALL SELECT day, close_time, close FROM minutes
  ), placed AS (
    SELECT close_time, close, day,
      lead(day) OVER (ORDER BY close_time) IS DISTINCT FROM day AS ends_day
    FROM used
  )
  SELECT array_agg(date_part('epoch', close_time) * 1000 ORDER BY close_time) AS times,
    string_agg(trim_scale(close)::text, ' ' ORDER BY close_time) AS prices
  FROM placed WHERE ends_day OR NOT $6::boolean`;

function closesOf(command: ClosesCommand): Query<PackedCloses> {
  const { instrumentId, zone, asOf, from, to, isDaily } = command;
  return { text: CLOSES, values: [instrumentId, zone, asOf, from, to, isDaily] };
}
