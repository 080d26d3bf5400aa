import type { LastPrice, LastPrices } from '../market/last-prices.ts';
import type { Clock } from '../platform/clock.ts';
import type { Database, Tx } from '../platform/database.ts';
import type { Logger } from '../platform/logger.ts';
import { toText } from '../platform/money.ts';
import { systemTimers, type Timers } from '../platform/timers.ts';
import { systemViewer } from '../platform/viewer.ts';

export interface EquityRecorderPorts {
  readonly workerDb: Database;
  readonly lastPrices: LastPrices;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly timers?: Timers;
  readonly intervalMs: number;
}

export interface EquityRecorder {
  /**
   * Writes what each live account is worth now, at the time rounded down to the interval; answers
   * with how many points it wrote. Accounts that hold nothing get one only when they held
   * something, or had other cash, at their last. A price keeps its time, however old. Does nothing
   * while another process writes, and nothing twice. What no column can hold is left out and
   * logged, and the others written.
   */
  record(): Promise<number>;
  /** Records at each full interval from now on. */
  start(): void;
  /** Resolves when what is being written is written. */
  stop(): Promise<void>;
}

export function createEquityRecorder(ports: EquityRecorderPorts): EquityRecorder {
  const { workerDb, lastPrices, clock, logger, timers = systemTimers, intervalMs } = ports;
  let cancel: (() => void) | undefined;
  let recording: Promise<unknown> = Promise.resolve();

  const record = async (): Promise<number> => {
    const now = clock.now();
    const at = new Date(Math.floor(now.getTime() / intervalMs) * intervalMs);
    const instrumentIds = await workerDb.snapshot(systemViewer(), heldInstruments);
    const prices = await lastPrices.of(systemViewer(), instrumentIds);
    const { written, leftOut } = await workerDb.withViewer(systemViewer(), (tx) =>
      writePoints(tx, at, prices),
    );
    if (leftOut.length > 0) {
      const fields = { at, accountIds: leftOut };
      logger.error(fields, 'Accounts are worth more than can be recorded, and are left out.');
    }
    return written;
  };

  const schedule = (): void => {
    const untilNextMs = intervalMs - (clock.now().getTime() % intervalMs);
    cancel = timers.after(untilNextMs, () => {
      schedule();
      // One after the other: a slow database must not gather a queue of them in its pool.
      recording = recording.then(record).catch((err: unknown) => {
        logger.error({ err }, 'What accounts are worth could not be recorded.');
      });
    });
  };

  return {
    record,
    start() {
      if (cancel) throw new Error('The equity recorder runs already.');
      schedule();
    },
    async stop() {
      cancel?.();
      cancel = undefined;
      await recording;
    },
  };
}

async function heldInstruments(tx: Tx): Promise<string[]> {
  const rows = await tx.$queryRaw<{ id: string }[]>`
    SELECT DISTINCT p.instrument_id AS id
    FROM positions p JOIN accounts a ON a.id = p.account_id
    WHERE p.closed_at IS NULL AND a.status = 'ACTIVE'`;
  return rows.map(({ id }) => id);
}

/** Below what numeric(38, 18) holds, however the last digits are rounded. */
const STORABLE = '99999999999999999999';

interface Outcome {
  readonly written: number;
  /** Accounts with a figure that no column can hold. */
  readonly leftOut: readonly string[];
}

/**
 * One INSERT for all accounts. Of what has no price at all, the one that the account traded it at
 * last counts. The time may be a part of a second before what is counted in: a trade that falls
 * between is in it, and an account that opened between has its first point at the next.
 */
async function writePoints(
  tx: Tx,
  at: Date,
  prices: ReadonlyMap<string, LastPrice>,
): Promise<Outcome> {
  const given = [...prices];
  const [outcome] = await tx.$queryRaw<Outcome[]>`
    WITH given AS (
      SELECT * FROM unnest(${given.map(([id]) => id)}::text[]::uuid[],
        ${given.map(([, { price }]) => toText(price))}::text[]::numeric[],
        ${given.map(([, { time }]) => time.toISOString())}::text[]::timestamptz[])
        AS g (instrument_id, price, priced_at)
    ), lock AS MATERIALIZED (
      SELECT pg_try_advisory_xact_lock(hashtextextended('equity recorder', 0)) AS is_ours
    ), held AS (
      SELECT p.account_id, sum(p.total_cost) AS cost,
        sum(p.quantity * coalesce(g.price, t.price)) AS value,
        min(coalesce(g.priced_at, t.executed_at)) AS oldest_mark_at
      FROM positions p JOIN accounts a ON a.id = p.account_id AND a.status = 'ACTIVE'
        LEFT JOIN given g ON g.instrument_id = p.instrument_id
        LEFT JOIN LATERAL (
          SELECT price, executed_at FROM trades
          WHERE g.price IS NULL AND account_id = p.account_id AND instrument_id = p.instrument_id
          ORDER BY executed_at DESC, id DESC LIMIT 1
        ) t ON true
      WHERE p.closed_at IS NULL GROUP BY p.account_id
    ), points AS (
      SELECT a.id, a.owner_id, a.cash, coalesce(h.cost, 0) AS cost,
        a.cash + coalesce(h.value, 0) AS equity, h.oldest_mark_at,
        greatest(abs(h.cost), abs(a.cash + coalesce(h.value, 0))) < ${STORABLE}::numeric AS is_storable
      FROM lock JOIN accounts a ON lock.is_ours LEFT JOIN held h ON h.account_id = a.id
        LEFT JOIN LATERAL (
          SELECT e.cash, e.oldest_mark_at FROM equity_points e
          WHERE h.account_id IS NULL AND e.account_id = a.id ORDER BY e.at DESC LIMIT 1
        ) l ON true
      WHERE a.status = 'ACTIVE' AND a.created_at < ${at} AND (h.account_id IS NOT NULL
        OR l.oldest_mark_at IS NOT NULL OR a.cash <> coalesce(l.cash, a.starting_cash))
    ), written AS (
      INSERT INTO equity_points (account_id, at, owner_id, cash, cost, equity, oldest_mark_at)
      SELECT id, ${at}, owner_id, cash, cost, equity, oldest_mark_at FROM points WHERE is_storable
      ON CONFLICT (account_id, at) DO NOTHING RETURNING 1
    )
    SELECT (SELECT count(*)::int FROM written) AS written,
      ARRAY(SELECT id::text FROM points WHERE NOT is_storable ORDER BY id) AS "leftOut"`;
  return outcome ?? { written: 0, leftOut: [] };
}
