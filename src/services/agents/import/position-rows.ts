import { ImportError, type FilePlace } from '../../market/import/errors.ts';
import { readLines } from '../../market/import/lines.ts';
import type { Decimal } from '../../platform/money.ts';
import { ZERO } from '../../platform/money.ts';
import type { Calendar, Session } from '../../market/import/exchange.ts';
import { numberTextOf, parseNumberTexts } from './number-texts.ts';
import {
  actionOf,
  fieldError,
  numberOf,
  quantityOf,
  recordOf,
  type RowAction,
} from './row-fields.ts';
import type { SymbolNames } from './symbol-names.ts';

/** One row of position.jsonl as it stands there. */
export interface PositionRow {
  /** From 1; rows are told apart by it, since their ids can repeat. */
  readonly line: number;
  /** "id" as the file writes it; null when there is none. */
  readonly rowId: string | null;
  readonly session: Session;
  /** Undefined in a row that opens the account, or begins it anew. */
  readonly action: RowAction | undefined;
  /** Cash after the action. */
  readonly cash: Decimal;
  /** The same with all the digits of the file. */
  readonly cashText: string;
  /**
   * Quantities after the action that are not those of the row before, or of nothing at the first.
   */
  readonly changes: ReadonlyMap<string, Decimal>;
  readonly sizeBytes: number;
}

const CASH = 'CASH';

export interface PositionFile {
  readonly file: string;
  readonly calendar: Calendar;
  readonly names: SymbolNames;
}

/**
 * Reads position.jsonl row by row. Throws ImportError with file and line for a row that is no JSON,
 * lacks a field, or has one that cannot be; whether rows follow from one another is not its matter.
 */
export async function* readPositionRows({
  file,
  calendar,
  names,
}: PositionFile): AsyncGenerator<PositionRow> {
  const holdings = createHoldings(names);
  for await (const { number: line, text, sizeBytes } of readLines(file)) {
    const place = { file, line };
    const record = recordOf(parseNumberTexts(text, place), place);
    const cash = cashOf(record.positions, place);
    yield {
      line,
      rowId: rowIdOf(record.id),
      session: sessionOf(calendar, record.date, place),
      action: actionOf(record.action, { names, place }),
      ...cash,
      changes: holdings.changeTo(record.positions, place),
      sizeBytes,
    };
  }
}

function rowIdOf(id: unknown): string | null {
  const text = numberTextOf(id) ?? id;
  return typeof text === 'string' ? text : null;
}

function sessionOf(calendar: Calendar, date: unknown, place: FilePlace): Session {
  if (typeof date !== 'string') throw fieldError(place, 'date', 'A text is expected.');
  const session = calendar.sessionOf(date);
  if (session) return session;
  throw new ImportError(
    place,
    `"${date}" is not a date of the form YYYY-MM-DD or YYYY-MM-DD hh:mm:ss.`,
  );
}

function cashOf(positions: Readonly<Record<string, unknown>>, place: FilePlace) {
  if (!(CASH in positions)) throw new ImportError(place, 'The row has no cash.');
  const path = `positions / ${CASH}`;
  const cash = numberOf(positions[CASH], path, place);
  // What was too little to be anything is stored as nothing, or else its digits would be endless.
  const text = cash === ZERO ? '0' : numberTextOf(positions[CASH]);
  return { cash, cashText: text ?? cash.toFixed() };
}

/**
 * What the file says is held, row after row. A row names all symbols of its universe, and one or
 * two of them changed: only these become decimals, the others are told by their digits.
 */
function createHoldings(names: SymbolNames) {
  /** "positions" of the row before. */
  let before: Readonly<Record<string, unknown>> = {};
  const quantities = new Map<string, Decimal>();

  return {
    /** What is other than in the row before; symbols that a row leaves out are held no more. */
    changeTo(
      positions: Readonly<Record<string, unknown>>,
      place: FilePlace,
    ): ReadonlyMap<string, Decimal> {
      const changes = new Map<string, Decimal>();
      for (const spelling of Object.keys(before)) {
        if (spelling === CASH || spelling in positions) continue;
        const symbol = names.symbolOf(spelling, place);
        if (quantities.has(symbol)) changes.set(symbol, ZERO);
      }
      for (const spelling of Object.keys(positions)) {
        const value = positions[spelling];
        if (spelling === CASH || value === before[spelling]) continue;
        const symbol = names.symbolOf(spelling, place);
        const quantity = quantityOf(value, `positions / ${spelling}`, place);
        if (!quantity.equals(quantities.get(symbol) ?? ZERO)) changes.set(symbol, quantity);
        else changes.delete(symbol);
      }
      if (names.areSpelledTwice) refuseTwice(Object.keys(positions), names, place);
      for (const [symbol, quantity] of changes) {
        if (quantity.isZero()) quantities.delete(symbol);
        else quantities.set(symbol, quantity);
      }
      before = positions;
      return changes;
    },
  };
}

/** A symbol in two spellings would have two quantities. */
function refuseTwice(spellings: readonly string[], names: SymbolNames, place: FilePlace): void {
  const seen = new Set<string>();
  for (const spelling of spellings) {
    if (spelling === CASH) continue;
    const symbol = names.symbolOf(spelling, place);
    if (seen.has(symbol)) {
      throw fieldError(place, `positions / ${spelling}`, `${symbol} is in the row twice.`);
    }
    seen.add(symbol);
  }
}
