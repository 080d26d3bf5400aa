import type { Clock } from '../platform/clock.ts';
import type { Database, Tx } from '../platform/database.ts';
import { InvalidInput } from '../platform/errors.ts';
import { Decimal } from '../platform/money.ts';
import { tableText } from '../platform/table-text.ts';
import type { Viewer } from '../platform/viewer.ts';
import { STATEMENT_COLUMNS, statementLines, type StatementRange } from './statement-lines.ts';

/** What a stretch of time did to the cash of an account, and what it was worth at both ends. */
export interface StatementSummary {
  readonly from: Date;
  /** Exclusive. */
  readonly to: Date;
  readonly openingCash: Decimal;
  readonly closingCash: Decimal;
  readonly deposits: Decimal;
  /** Negative, as what they are to the cash; so are fees. */
  readonly withdrawals: Decimal;
  /** What sales brought less what purchases cost, before fees. */
  readonly trades: Decimal;
  readonly fees: Decimal;
  readonly dividends: Decimal;
  readonly corrections: Decimal;
  readonly resets: Decimal;
  /** Movements of cash. */
  readonly entries: number;
  /** As recorded last by then; null when nothing was recorded yet. */
  readonly openingEquity: Decimal | null;
  readonly closingEquity: Decimal | null;
}

export type StatementTimes = Pick<StatementRange, 'from' | 'to'>;

export interface Statements {
  /**
   * One statement for all accounts, which the caller has in hand; row-level security shows no
   * others.
   */
  summaries(
    viewer: Viewer,
    accountIds: readonly string[],
    times: StatementTimes,
  ): Promise<Map<string, StatementSummary>>;
  /**
   * The lines as CSV (RFC 4180), a piece at a time: time, type, symbol, side, quantity, price,
   * amount, balance, currency and reference. A text that a spreadsheet would take for a formula has
   * a `'` in front. Nothing of an account that the viewer may not see.
   */
  csv(viewer: Viewer, range: StatementRange): AsyncIterable<string>;
}

const YEARS_MAX_MS = 10 * 366 * 24 * 60 * 60 * 1000;

/** Throws InvalidInput for a range that is empty or spans more than ten years. */
export function parseTimes({ from, to }: StatementTimes): StatementTimes {
  if (from >= to) throw new InvalidInput('to', '`to` lies after `from`.');
  if (to.getTime() - from.getTime() > YEARS_MAX_MS) {
    throw new InvalidInput('from', 'A statement spans ten years at most.');
  }
  return { from, to };
}

export function createStatements({
  db,
  clock,
}: {
  readonly db: Database;
  readonly clock: Clock;
}): Statements {
  return {
    async summaries(viewer, accountIds, given) {
      const times = parseTimes(given);
      const rows = await db.snapshot(viewer, (tx) => readSummaries(tx, accountIds, times));
      return new Map(
        rows.map(({ id, ...sums }) => [
          id,
          { ...times, ...sums, closingCash: new Decimal(sums.openingCash).plus(sums.change) },
        ]),
      );
    },
    csv: (viewer, range) =>
      tableText(
        statementLines(db, viewer, { ...range, ...parseTimes(range), knownBy: clock.now() }),
        STATEMENT_COLUMNS,
        'csv',
      ),
  };
}

type SummaryRow = Omit<StatementSummary, 'from' | 'to' | 'closingCash'> & {
  readonly id: string;
  readonly change: Decimal;
};

function readSummaries(
  tx: Tx,
  accountIds: readonly string[],
  { from, to }: StatementTimes,
): Promise<SummaryRow[]> {
  return tx.$queryRaw<SummaryRow[]>`
    SELECT w.id, opening.cash AS "openingCash", moved.*,
      opened.equity AS "openingEquity", closed.equity AS "closingEquity"
    FROM unnest(${[...accountIds]}::uuid[]) AS w (id)
      CROSS JOIN LATERAL (
        SELECT coalesce(sum(amount), 0) AS cash FROM account_ledger
        WHERE account_id = w.id AND occurred_at < ${from}) opening
      CROSS JOIN LATERAL (
        SELECT coalesce(sum(amount), 0) AS change, count(*)::int AS entries,
          coalesce(sum(amount) FILTER (WHERE cause = 'DEPOSIT'), 0) AS deposits,
          coalesce(sum(amount) FILTER (WHERE cause = 'WITHDRAWAL'), 0) AS withdrawals,
          coalesce(sum(amount) FILTER (WHERE cause = 'FILL'), 0) AS trades,
          coalesce(sum(amount) FILTER (WHERE cause = 'FEE'), 0) AS fees,
          coalesce(sum(amount) FILTER (WHERE cause = 'DIVIDEND'), 0) AS dividends,
          coalesce(sum(amount) FILTER (WHERE cause = 'CORRECTION'), 0) AS corrections,
          coalesce(sum(amount) FILTER (WHERE cause = 'RESET'), 0) AS resets
        FROM account_ledger
        WHERE account_id = w.id AND occurred_at >= ${from} AND occurred_at < ${to}) moved
      LEFT JOIN LATERAL (
        SELECT equity FROM equity_points WHERE account_id = w.id AND at <= ${from}
        ORDER BY at DESC LIMIT 1) opened ON true
      LEFT JOIN LATERAL (
        SELECT equity FROM equity_points WHERE account_id = w.id AND at <= ${to}
        ORDER BY at DESC LIMIT 1) closed ON true`;
}
