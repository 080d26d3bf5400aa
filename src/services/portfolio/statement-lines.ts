import type { Database, Tx } from '../platform/database.ts';
import { Decimal, ZERO } from '../platform/money.ts';
import { Prisma } from '../platform/prisma/client.ts';
import type { OrderSide, TransferCause } from '../platform/prisma/enums.ts';
import type { Viewer } from '../platform/viewer.ts';

// A type and no interface: it is written as a row of any columns.
/**
 * A line of a statement: what moved the cash of an account, or a split that moved its quantity
 * alone.
 */
export type StatementLine = {
  readonly time: Date;
  readonly type: TransferCause | 'SPLIT';
  readonly symbol: string | null;
  readonly side: OrderSide | null;
  readonly quantity: Decimal | null;
  readonly price: Decimal | null;
  readonly amount: Decimal;
  /** Cash after it. */
  readonly balance: Decimal;
  readonly currency: string;
  /** Id of the trade or movement behind it. */
  readonly reference: string;
};

export const STATEMENT_COLUMNS = [
  'time',
  'type',
  'symbol',
  'side',
  'quantity',
  'price',
  'amount',
  'balance',
  'currency',
  'reference',
] as const satisfies readonly (keyof StatementLine)[];

export interface StatementRange {
  readonly accountId: string;
  readonly from: Date;
  /** Exclusive. */
  readonly to: Date;
}

type Row = Omit<StatementLine, 'balance'> & {
  /** The time to the microsecond, as PostgreSQL reads it. */
  readonly at: string;
  readonly id: string;
};

/** Lines that are in memory at a time. */
const BATCH_LINES = 1_000;
const SPLITS_MAX = 10_000;

/**
 * The lines of an account, oldest first, with the running balance, however many there are: a batch
 * is one short read, so that a slow reader holds no transaction. What was written down after the
 * first batch was asked for (`knownBy`) is left out, so that batches fit together. It reads as
 * `viewer`, and so nothing of an account that they may not see.
 */
export async function* statementLines(
  db: Database,
  viewer: Viewer,
  {
    knownBy,
    batchLines = BATCH_LINES,
    ...range
  }: StatementRange & {
    readonly knownBy: Date;
    readonly batchLines?: number;
  },
): AsyncGenerator<StatementLine> {
  const { opening, splits } = await db.snapshot(viewer, async (tx) => ({
    opening: await readOpening(tx, range, knownBy),
    splits: await readSplits(tx, range, knownBy),
  }));
  let balance = opening;
  let rows: Row[];
  let last: Pick<Row, 'at' | 'id'> | undefined;
  const toLine = ({ at: _at, id: _id, ...row }: Row): StatementLine => {
    balance = balance.plus(row.amount);
    return { ...row, balance };
  };
  do {
    const after = last;
    rows = await db.snapshot(viewer, (tx) =>
      readEntries(tx, { ...range, knownBy, after, limit: batchLines }),
    );
    for (const row of rows) {
      while (splits[0] && isBefore(splits[0], row)) yield toLine(splits.shift() as Row);
      yield toLine(row);
    }
    last = rows.at(-1);
  } while (rows.length === batchLines);
  for (const split of splits) yield toLine(split);
}

const isBefore = (one: Row, other: Row): boolean =>
  one.time < other.time || (one.time.getTime() === other.time.getTime() && one.id < other.id);

async function readOpening(
  tx: Tx,
  { accountId, from }: StatementRange,
  knownBy: Date,
): Promise<Decimal> {
  const [row] = await tx.$queryRaw<{ cash: Decimal }[]>`
    SELECT coalesce(sum(amount), 0) AS cash FROM account_ledger
    WHERE account_id = ${accountId}::uuid AND occurred_at < ${from} AND recorded_at <= ${knownBy}`;
  return new Decimal(row?.cash ?? ZERO);
}

/** Splits move no cash, and so are in no ledger. */
function readSplits(
  tx: Tx,
  { accountId, from, to }: StatementRange,
  knownBy: Date,
): Promise<Row[]> {
  return tx.$queryRaw<Row[]>`
    SELECT t.executed_at::text AS at, t.id, t.executed_at AS time, 'SPLIT' AS type, i.symbol,
      t.side, t.quantity, t.price, 0::numeric AS amount, i.currency, t.id AS reference
    FROM trades t JOIN instruments i ON i.id = t.instrument_id
    WHERE t.account_id = ${accountId}::uuid AND t.executed_at >= ${from} AND t.executed_at < ${to}
      AND t.recorded_at <= ${knownBy} AND t.source::text = 'SPLIT' AND t.cash_amount = 0
    ORDER BY t.executed_at, t.id LIMIT ${SPLITS_MAX}`;
}

interface Batch extends StatementRange {
  readonly knownBy: Date;
  readonly after: Pick<Row, 'at' | 'id'> | undefined;
  readonly limit: number;
}

function readEntries(
  tx: Tx,
  { accountId, from, to, knownBy, after, limit }: Batch,
): Promise<Row[]> {
  const beyond = after
    ? Prisma.sql`AND (l.occurred_at, l.id) > (${after.at}::timestamptz, ${after.id}::uuid)
        AND l.occurred_at >= ${after.at}::timestamptz`
    : Prisma.empty;
  return tx.$queryRaw<Row[]>`
    SELECT l.occurred_at::text AS at, l.id, l.occurred_at AS time, l.cause AS type, i.symbol, t.side,
      t.quantity, t.price, l.amount, l.currency, l.cause_id AS reference
    FROM (
      SELECT * FROM account_ledger l
      WHERE l.account_id = ${accountId}::uuid AND l.occurred_at >= ${from}
        AND l.occurred_at < ${to} AND l.recorded_at <= ${knownBy} ${beyond}
      ORDER BY l.occurred_at, l.id LIMIT ${limit}
    ) l
      LEFT JOIN trades t ON l.cause IN ('FILL', 'FEE') AND t.id = l.cause_id
      LEFT JOIN instruments i ON i.id = t.instrument_id
    ORDER BY l.occurred_at, l.id`;
}
