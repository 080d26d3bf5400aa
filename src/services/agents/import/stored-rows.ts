import { ImportError } from '../../market/import/errors.ts';
import { Decimal, toColumn, toText } from '../../platform/money.ts';
import type { Account, ImportedRow } from '../../platform/prisma/client.ts';
import type { ImportedAction } from '../../platform/prisma/enums.ts';
import type { Tx } from '../../platform/database.ts';
import type { PositionStep } from './position-steps.ts';

/** The rows of a file that earlier imports brought in. */
export interface StoredRows {
  /** 0 when there are none. */
  readonly lastLine: number;
  /** Those of the lines from one to another, by line. */
  between(from: number, to: number): Promise<ReadonlyMap<number, ImportedRow>>;
}

export async function openStoredRows(
  tx: Tx,
  { accountId, isNew }: { readonly accountId: string; readonly isNew: boolean },
): Promise<StoredRows> {
  const lastLine = isNew ? 0 : await findLastLine(tx, accountId);
  return {
    lastLine,
    async between(from, to) {
      if (from > lastLine) return new Map();
      const where = { accountId, line: { gte: from, lte: to } };
      const rows = await tx.importedRow.findMany({ where });
      return new Map(rows.map((row) => [row.line, row]));
    },
  };
}

async function findLastLine(tx: Tx, accountId: string): Promise<number> {
  const last = await tx.importedRow.aggregate({ where: { accountId }, _max: { line: true } });
  return last._max.line ?? 0;
}

/** What is kept of a row: enough to know it again, and to write it again. */
function rowOf({ line, rowId, session, action, cashText }: PositionStep) {
  const isTrade = action !== undefined && action.kind !== 'NO_TRADE';
  const kind: ImportedAction = action?.kind ?? 'NONE';
  return {
    line,
    rowId,
    date: session.label,
    action: kind,
    symbol: isTrade ? action.symbol : null,
    amount: isTrade ? toText(action.quantity) : null,
    statedPrice:
      isTrade && action.statedPrice !== undefined ? toText(toColumn(action.statedPrice)) : null,
    cash: cashText,
  };
}

/** Throws ImportError when a row is not what an earlier import had in its line. */
export function refuseOtherRow(file: string, stored: ImportedRow, step: PositionStep): void {
  const row = rowOf(step);
  const differing = (
    [
      ['date', stored.date, row.date],
      ['action', stored.action, row.action],
      ['symbol', stored.symbol, row.symbol],
      ['amount', textOf(stored.amount), row.amount],
      ['price', textOf(stored.statedPrice), row.statedPrice],
      ['cash', toText(new Decimal(stored.cash)), toText(new Decimal(row.cash))],
    ] as const
  ).find(([, before, now]) => before !== now);
  if (!differing) return;
  const [what, before, now] = differing;
  throw new ImportError(
    { file, line: step.line },
    `An earlier import had ${before ?? 'no'} ${before === null ? what : `as its ${what}`} in this ` +
      `line; it is ${now ?? 'missing'} now.`,
  );
}

const textOf = (number: { toFixed(): string } | null): string | null => number?.toFixed() ?? null;

/** Stores rows that were not there. */
export async function insertRows(
  tx: Tx,
  { id: accountId, ownerId }: Account,
  steps: readonly PositionStep[],
): Promise<void> {
  if (steps.length === 0) return;
  const rows = steps.map(rowOf);
  await tx.$executeRaw`
    INSERT INTO imported_rows (account_id, owner_id, line, row_id, date, action, symbol, amount,
      stated_price, cash)
    SELECT ${accountId}::uuid, ${ownerId}::uuid, line, row_id, date, action::imported_action, symbol,
      amount::numeric, stated_price::numeric, cash
    FROM unnest(${rows.map(({ line }) => line)}::int[], ${rows.map(({ rowId }) => rowId)}::text[],
      ${rows.map(({ date }) => date)}::text[], ${rows.map(({ action }) => action)}::text[],
      ${rows.map(({ symbol }) => symbol)}::text[], ${rows.map(({ amount }) => amount)}::text[],
      ${rows.map(({ statedPrice }) => statedPrice)}::text[], ${rows.map(({ cash }) => cash)}::text[])
      AS given (line, row_id, date, action, symbol, amount, stated_price, cash)`;
}
