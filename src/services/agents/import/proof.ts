import { ImportError, type FilePlace } from '../../market/import/errors.ts';
import { Decimal, toBookedCash, ZERO } from '../../platform/money.ts';
import type { Account } from '../../platform/prisma/client.ts';
import type { Tx } from '../../platform/database.ts';

/** What a file says at one of its rows. */
export interface FileState {
  readonly file: string;
  line: number;
  /** With all its digits. */
  cash: Decimal;
  /** By symbol, without those of which nothing is held. */
  readonly held: Map<string, Decimal>;
}

/** The file beside the books that the database holds. */
export interface Proof {
  readonly line: number;
  readonly cash: { readonly file: Decimal; readonly ledger: Decimal };
  readonly quantities: readonly {
    readonly symbol: string;
    readonly file: Decimal;
    readonly ledger: Decimal;
  }[];
  /**
   * Quantities exactly, and cash as the currency is booked. An import that finds it false refuses.
   */
  readonly isEqual: boolean;
}

interface BookRow {
  readonly cash: string;
  /** Null in the one row of an account that holds nothing. */
  readonly symbol: string | null;
  readonly quantity: string | null;
}

/** Reads the books again, and throws ImportError for the first figure that is not the file's. */
export async function proveBooks(tx: Tx, account: Account, state: FileState): Promise<Proof> {
  const place = { file: state.file, line: state.line };
  const rows = await tx.$queryRaw<BookRow[]>`
    SELECT a.cash::text, i.symbol, p.quantity::text FROM accounts a
      LEFT JOIN positions p ON p.account_id = a.id AND p.closed_at IS NULL
      LEFT JOIN instruments i ON i.id = p.instrument_id
    WHERE a.id = ${account.id}::uuid`;
  const ledger = new Decimal(rows[0]?.cash ?? NaN);
  refuseDifference(place, 'cash', toBookedCash(state.cash, account.currency), ledger);
  const ours = new Map<string, Decimal>();
  for (const { symbol, quantity } of rows) {
    if (symbol !== null && quantity !== null) ours.set(symbol, new Decimal(quantity));
  }
  const symbols = [...new Set([...ours.keys(), ...state.held.keys()])].sort();
  const quantities = symbols.map((symbol) => ({
    symbol,
    file: state.held.get(symbol) ?? ZERO,
    ledger: ours.get(symbol) ?? ZERO,
  }));
  for (const quantity of quantities) {
    refuseDifference(place, quantity.symbol, quantity.file, quantity.ledger);
  }
  return { line: state.line, cash: { file: state.cash, ledger }, quantities, isEqual: true };
}

function refuseDifference(place: FilePlace, what: string, expected: Decimal, found: Decimal): void {
  if (expected.equals(found)) return;
  throw new ImportError(
    place,
    `Our books have ${found.toFixed()} (${what}) where the file has ${expected.toFixed()}.`,
  );
}
