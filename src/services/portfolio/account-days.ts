import type { Tx } from '../platform/database.ts';
import type { Decimal } from '../platform/money.ts';
import { Prisma } from '../platform/prisma/client.ts';

/** Where an account's trading day began. */
export interface AccountDay {
  /** Midnight in the account's zone. */
  readonly startedAt: Date;
  /** What the account was worth then, at the newest closes that were known then. */
  readonly equity: Decimal;
  /** Deposits − withdrawals + corrections + resets since. */
  readonly flows: Decimal;
}

/**
 * One statement for all accounts. What was held at the start is among what is held now and what was
 * traded since; of each of these the newest trade before the start tells how much.
 */
export function readAccountDays(
  tx: Tx,
  ids: readonly string[],
  starts: readonly Date[],
): Promise<(AccountDay & { id: string })[]> {
  return tx.$queryRaw`
    SELECT a.id, w.start AS "startedAt", a.cash - moved.amount + held.value AS equity,
      moved.flows
    FROM unnest(${[...ids]}::uuid[],
        ${starts.map((start) => start.toISOString())}::text[]::timestamptz[]) AS w (id, start)
      JOIN accounts a ON a.id = w.id
      CROSS JOIN LATERAL (
        SELECT coalesce(sum(e.amount), 0) AS amount, coalesce(sum(e.amount) FILTER (
          WHERE t.cause IN ('DEPOSIT', 'WITHDRAWAL', 'CORRECTION', 'RESET')), 0) AS flows
        FROM ledger_entries e JOIN ledger_transfers t ON t.id = e.transfer_id
        WHERE e.account_id = a.id AND e.occurred_at >= w.start) moved
      CROSS JOIN LATERAL (
        SELECT coalesce(sum(before.quantity * coalesce(bar.close, before.price)), 0) AS value
        FROM (
          SELECT instrument_id FROM positions WHERE account_id = a.id AND closed_at IS NULL
          UNION
          SELECT instrument_id FROM trades WHERE account_id = a.id AND executed_at >= w.start
        ) i
        CROSS JOIN LATERAL (
          SELECT position_quantity AS quantity, price FROM trades
          WHERE account_id = a.id AND instrument_id = i.instrument_id AND executed_at < w.start
          ORDER BY executed_at DESC, id DESC LIMIT 1) before
        LEFT JOIN LATERAL (${closeBefore}) bar ON before.quantity <> 0) held`;
}

/** The newest close that was known at `w.start`, of a bar of any interval. */
const closeBefore = Prisma.sql`
  SELECT newest.close FROM unnest(enum_range(NULL::bar_interval)) AS span (interval)
    CROSS JOIN LATERAL (
      SELECT close, close_time FROM bars
      WHERE instrument_id = i.instrument_id AND interval = span.interval
        AND known_at <= w.start AND close_time <= w.start AND close IS NOT NULL
        AND open_time < w.start
      ORDER BY open_time DESC, known_at DESC LIMIT 1) newest
  ORDER BY newest.close_time DESC LIMIT 1`;
