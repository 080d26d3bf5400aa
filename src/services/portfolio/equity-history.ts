import { Prisma } from '../platform/prisma/client.ts';
import type { Tx } from '../platform/database.ts';

export interface EquityHistoryCommand {
  readonly accountId: string;
  /** Of the bars whose closes are the account's points. */
  readonly interval: 'DAY_1' | 'HOUR_1';
}

export interface EquityHistory {
  /**
   * What an account of imported records was worth at each close of its exchange, as its trades, its
   * ledger and the bars tell now: inserts the points that are missing, updates those that differ
   * and deletes those that are none any more, in the caller's transaction, which is a worker's.
   * Answers with the points there are, and with how many rows changed: 0 when all were there.
   *
   * A point is at each distinct close of a bar of `interval` of an imported instrument in the
   * account's currency and zone, after the account opened, up to the newest one. Corrected bars
   * make none. A point counts what happened before its time: what happens at a close, which is
   * where the next bar opens, belongs to that bar. Equity is cash (ledger entries) + quantities (as
   * the newest trades left them) × prices: the close of a bar of the same interval at that very
   * time, else the newest close known then, else the price that the account traded it at last.
   */
  compute(
    tx: Tx,
    command: EquityHistoryCommand,
  ): Promise<{ readonly points: number; readonly changed: number }>;
}

/** Set-based: a few statements, whose cost grows with points × what is held at each. */
export function createEquityHistory(): EquityHistory {
  return {
    async compute(tx, { accountId, interval }) {
      // No statistics tell how many rows these steps have, and taken for few they would be joined
      // by loops. What must be looked up row by row is LATERAL, and is all the same.
      await tx.$queryRaw`SELECT set_config('enable_nestloop', 'off', true),
        set_config('jit', 'off', true)`;
      const [counts] = await tx.$queryRaw<{ points: number; changed: number }[]>`
        WITH ${calendarOf(accountId, interval)}, ${heldAtPoints(accountId)},
        ${pricesOf(interval)}, ${pointsOf(accountId)},
        written AS (
          INSERT INTO equity_points (account_id, at, owner_id, cash, cost, equity, oldest_mark_at)
          SELECT a.id, p.at, a.owner_id, p.cash, p.cost, p.equity, p.oldest_mark_at
          FROM account a CROSS JOIN computed p
            LEFT JOIN equity_points e ON e.account_id = a.id AND e.at = p.at
          WHERE e.at IS NULL OR (e.cash, e.cost, e.equity, e.oldest_mark_at)
            IS DISTINCT FROM (p.cash, p.cost, p.equity, p.oldest_mark_at)
          ON CONFLICT (account_id, at) DO UPDATE SET cash = excluded.cash, cost = excluded.cost,
            equity = excluded.equity, oldest_mark_at = excluded.oldest_mark_at
          RETURNING 1
        ), deleted AS (
          DELETE FROM equity_points e WHERE e.account_id = ${accountId}::uuid
            AND NOT EXISTS (SELECT 1 FROM computed p WHERE p.at = e.at)
          RETURNING 1
        )
        SELECT (SELECT count(*)::int FROM computed) AS points,
          (SELECT count(*)::int FROM written) + (SELECT count(*)::int FROM deleted) AS changed`;
      await tx.$queryRaw`SELECT set_config('enable_nestloop', 'on', true)`;
      return counts ?? { points: 0, changed: 0 };
    },
  };
}

/**
 * The points, numbered from 1 in order of time. A bar lasts a day at most, of 25 hours once a year.
 */
function calendarOf(accountId: string, interval: string): Prisma.Sql {
  return Prisma.sql`account AS MATERIALIZED (
    SELECT id, owner_id, currency, zone, created_at FROM accounts WHERE id = ${accountId}::uuid
  ), calendar AS MATERIALIZED (
    SELECT coalesce(array_agg(DISTINCT b.close_time ORDER BY b.close_time), '{}') AS times,
      count(DISTINCT b.close_time)::int AS size
    FROM account a
      JOIN instruments i ON i.source = 'IMPORTED' AND i.currency = a.currency AND i.zone = a.zone
      CROSS JOIN LATERAL (
        SELECT close_time FROM bars
        WHERE instrument_id = i.id AND interval = ${interval}::bar_interval AND close IS NOT NULL
          AND known_at = close_time AND close_time > a.created_at
          AND open_time > a.created_at - interval '2 days'
        OFFSET 0
      ) b
  ), points AS MATERIALIZED (
    SELECT t.at, t.point::int AS point FROM calendar, unnest(times) WITH ORDINALITY AS t (at, point)
  )`;
}

/**
 * What was held at each point. What happens at a time counts from the first point after it; of the
 * trades between two points the last one stands for all.
 */
function heldAtPoints(accountId: string): Prisma.Sql {
  return Prisma.sql`states AS (
    SELECT DISTINCT ON (instrument_id, point) instrument_id, quantity, cost, price, traded_at, point
    FROM (
      SELECT t.id, t.instrument_id, t.position_quantity AS quantity, t.position_cost AS cost,
        t.price, t.executed_at AS traded_at,
        1 + width_bucket(t.executed_at, c.times) AS point
      FROM calendar c CROSS JOIN trades t WHERE t.account_id = ${accountId}::uuid
    ) t ORDER BY instrument_id, point, traded_at DESC, id DESC
  ), stretches AS MATERIALIZED (
    SELECT s.*, lead(s.point, 1, c.size + 1) OVER (
      PARTITION BY s.instrument_id ORDER BY s.point) - 1 AS last_point
    FROM states s CROSS JOIN calendar c WHERE s.point <= c.size
  ), held AS MATERIALIZED (
    SELECT h.*, p.at FROM (
      SELECT instrument_id, quantity, cost, price, traded_at,
        generate_series(point, last_point) AS point
      FROM stretches WHERE quantity <> 0
    ) h JOIN points p ON p.point = h.point
  )`;
}

/** Each quantity with its price, and that price's time. */
function pricesOf(interval: string): Prisma.Sql {
  const newest = (of: string): Prisma.Sql => Prisma.sql`(
    SELECT close, close_time FROM bars
    WHERE c.close IS NULL AND instrument_id = h.instrument_id AND interval = ${of}::bar_interval
      AND open_time < h.at AND known_at <= h.at AND close_time <= h.at AND close IS NOT NULL
    ORDER BY open_time DESC, known_at DESC LIMIT 1)`;
  return Prisma.sql`closes AS MATERIALIZED (
    SELECT i.instrument_id, b.close_time AS at, b.close
    FROM (SELECT instrument_id FROM stretches GROUP BY 1) i
      CROSS JOIN account a CROSS JOIN LATERAL (
        SELECT close_time, close FROM bars
        WHERE instrument_id = i.instrument_id AND interval = ${interval}::bar_interval
          AND close IS NOT NULL AND known_at = close_time
          AND open_time > a.created_at - interval '2 days'
        OFFSET 0
      ) b
  ), priced AS (
    SELECT h.point, h.cost, h.quantity * coalesce(c.close, k.close, h.price) AS value,
      coalesce(c.at, k.close_time, h.traded_at) AS marked_at
    FROM held h
      LEFT JOIN closes c ON c.instrument_id = h.instrument_id AND c.at = h.at
      LEFT JOIN LATERAL (
        SELECT close, close_time FROM (
          ${newest('DAY_1')} UNION ALL ${newest('HOUR_1')} UNION ALL ${newest('MINUTE_1')}
        ) b ORDER BY close_time DESC LIMIT 1
      ) k ON true
  )`;
}

/** Cast to what the columns keep, so that a point that is stored is known again. */
function pointsOf(accountId: string): Prisma.Sql {
  return Prisma.sql`moved AS (
    SELECT 1 + width_bucket(l.occurred_at, c.times) AS point,
      sum(l.amount) AS amount
    FROM calendar c CROSS JOIN ledger_entries l
    WHERE l.account_id = ${accountId}::uuid AND l.ledger_account = 'CASH' GROUP BY 1
  ), positioned AS (
    SELECT point, sum(value) AS value, sum(cost) AS cost, min(marked_at) AS oldest_mark_at
    FROM priced GROUP BY point
  ), summed AS (
    SELECT p.at, sum(coalesce(m.amount, 0)) OVER (ORDER BY p.point) AS cash,
      coalesce(v.cost, 0) AS cost, coalesce(v.value, 0) AS value, v.oldest_mark_at
    FROM points p LEFT JOIN moved m ON m.point = p.point LEFT JOIN positioned v ON v.point = p.point
  ), computed AS MATERIALIZED (
    SELECT at, cash::numeric(38, 18) AS cash, cost::numeric(38, 18) AS cost,
      (cash + value)::numeric(38, 18) AS equity, oldest_mark_at
    FROM summed
  )`;
}
