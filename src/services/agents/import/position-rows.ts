import { z } from 'zod';
import { Decimal } from '../../platform/money.ts';
import { ImportError } from '../../market/import/errors.ts';
import { symbolField } from '../../market/import/daily-series.ts';
import { checkRecord, parseJson } from '../../market/import/json.ts';
import { readLines } from '../../market/import/lines.ts';
import type { Calendar, Session } from '../../market/import/exchange.ts';

/** One row of position.jsonl as it stands there. */
export interface PositionRow {
  /** From 1; rows are told apart by it, since their ids can repeat. */
  readonly line: number;
  readonly session: Session;
  /** Undefined in the row that opens the account. */
  readonly action: RowAction | undefined;
  /** Cash after the action, with all the decimals of the file. */
  readonly cash: Decimal;
  /** What is held after the action; symbols of which nothing is held may be in it or not. */
  readonly quantities: ReadonlyMap<string, Decimal>;
  readonly sizeBytes: number;
}

export type RowAction =
  | { readonly kind: 'NO_TRADE' }
  | { readonly kind: 'BUY' | 'SELL'; readonly symbol: string; readonly quantity: Decimal };

const CASH = 'CASH';
const QUANTITY_DECIMALS_MAX = 18;

const numberField = z
  .instanceof(Decimal, { error: 'A number is expected.' })
  .refine((number) => number.abs().lessThan('1e20'), 'The number is too large.');
const quantityField = numberField
  .refine((quantity) => !quantity.isNegative(), 'A quantity is not below zero.')
  .refine((quantity) => quantity.decimalPlaces() <= QUANTITY_DECIMALS_MAX, 'Too many decimals.');

const actionField = z.discriminatedUnion('action', [
  z.object({ action: z.literal('no_trade') }),
  z.object({ action: z.enum(['buy', 'sell']), symbol: symbolField, amount: quantityField }),
]);

const positionRecord = z.object({
  date: z.string(),
  this_action: actionField.optional(),
  positions: z.record(z.string(), numberField),
});

/**
 * Reads position.jsonl row by row. Throws ImportError with file and line for a row that is no JSON,
 * lacks a field, or has one that cannot be; whether rows follow from one another is not its matter.
 */
export async function* readPositionRows(
  file: string,
  calendar: Calendar,
): AsyncGenerator<PositionRow> {
  for await (const { number: line, text, sizeBytes } of readLines(file)) {
    const place = { file, line };
    const record = checkRecord(positionRecord, parseJson(text, place), () => place);
    const session = calendar.sessionOf(record.date);
    if (!session) {
      throw new ImportError(place, `"${record.date}" is not a date of the form YYYY-MM-DD.`);
    }
    const { [CASH]: cash, ...held } = record.positions;
    if (!cash) throw new ImportError(place, 'The row has no cash.');
    const quantities = new Map(
      Object.entries(held).map(([symbol, quantity]) => [
        checkRecord(symbolField, symbol, () => place),
        checkRecord(quantityField, quantity, () => place),
      ]),
    );
    yield { line, session, action: actionOf(record.this_action), cash, quantities, sizeBytes };
  }
}

function actionOf(action: z.infer<typeof actionField> | undefined): RowAction | undefined {
  if (!action) return undefined;
  if (action.action === 'no_trade') return { kind: 'NO_TRADE' };
  const kind = action.action === 'buy' ? 'BUY' : 'SELL';
  return { kind, symbol: action.symbol, quantity: action.amount };
}
