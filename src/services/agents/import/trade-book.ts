import { ImportError } from '../../market/import/errors.ts';
import type { Exchange } from '../../market/import/exchange.ts';
import { toBookedCash, ZERO, type Decimal } from '../../platform/money.ts';
import type { Tx } from '../../platform/database.ts';
import type { Account, ImportedRow } from '../../platform/prisma/client.ts';
import type { HistoryBook, HistoryBooking } from '../../portfolio/history-booking.ts';
import { loadEarlierTrades, tradeKeyOf, type EarlierTrades } from './earlier-trades.ts';
import type { Findings } from './findings.ts';
import type { PositionStep } from './position-steps.ts';
import { proveBooks, type FileState, type Proof } from './proof.ts';
import { entryOf, type EnteredTrade, type RowEntry } from './row-entry.ts';
import { createRowMarket, type RowMarket } from './row-market.ts';
import { insertRows, openStoredRows, refuseOtherRow, type StoredRows } from './stored-rows.ts';

/**
 * Enters the rows of position.jsonl into an account, in order of line, and keeps its books equal to
 * the file's: after each row, cash is the file's, rounded as it is booked, so that no rounding adds
 * up (docs/decisions/2026-11-21-imported-cash.md), and quantities are the file's.
 */
export interface TradeBook {
  /**
   * Books what is not booked yet. Throws ImportError when a line was imported before as something
   * else, or needs prices that there are none of.
   */
  enter(steps: readonly PositionStep[]): Promise<void>;
  /** Compares all of the account with the last row of the file. */
  close(): Promise<TradeBookResult>;
}

export interface TradeBookResult {
  readonly rowsAdded: number;
  /** Trades of the rows. */
  readonly tradesAdded: number;
  /** Rows that do not follow, and were booked as corrections. */
  readonly correctionsAdded: number;
  readonly proof: Proof;
}

export interface TradeBookOptions {
  readonly history: HistoryBooking;
  readonly account: Account;
  /** Nothing of it is stored yet. */
  readonly isNew: boolean;
  readonly exchange: Exchange;
  readonly file: string;
  readonly findings: Findings;
}

export async function openTradeBook(tx: Tx, options: TradeBookOptions): Promise<TradeBook> {
  const { account, isNew, file, history } = options;
  const stored = await openStoredRows(tx, { accountId: account.id, isNew });
  const mayHave = !isNew && stored.lastLine === 0;
  const earlier = await loadEarlierTrades(tx, { accountId: account.id, file, mayHave });
  const book = await history.open(tx, account);
  return createTradeBook(tx, { ...options, stored, earlier, book });
}

interface OpenedBook extends TradeBookOptions {
  readonly stored: StoredRows;
  readonly earlier: EarlierTrades;
  readonly book: HistoryBook;
}

function createTradeBook(tx: Tx, options: OpenedBook): TradeBook {
  const { account, file, stored, earlier, findings } = options;
  const { currency } = options.exchange;
  const added = { rowsAdded: 0, tradesAdded: 0, correctionsAdded: 0 };
  const lastBooked = Math.max(stored.lastLine, earlier.lastLine);
  const market = createRowMarket(tx, file);
  const booker = createBooker(options, market);
  const state: FileState = { file, line: 0, cash: ZERO, held: new Map() };
  let cash: Decimal | undefined;
  let isProven = lastBooked === 0;

  /** What is there already must be the file's, before anything is built upon it. */
  const prove = async () => {
    isProven = true;
    await proveBooks(tx, account, state);
  };

  const compare = (step: PositionStep, entry: RowEntry, row: ImportedRow | undefined) => {
    if (row) refuseOtherRow(file, row, step);
    else if (step.line <= stored.lastLine) {
      const reason = 'An earlier import of the file had no row in this line.';
      throw new ImportError({ file, line: step.line }, reason);
    } else earlier.refuseOther(step, entry);
  };

  return {
    async enter(steps) {
      const rows = await stored.between(state.line + 1, steps.at(-1)?.line ?? 0);
      const lines = new Set(steps.map(({ line }) => line));
      const missing = [...rows.keys()].find((line) => !lines.has(line));
      if (missing !== undefined) throw goneError(file, missing);
      await market.load(steps);
      const fresh: PositionStep[] = [];
      for (const step of steps) {
        const place = { file, line: step.line };
        cash ??= toBookedCash(step.cash, currency);
        const priceAt = (symbol: string) => market.priceAt(symbol, step, place);
        const entry = entryOf(step, { place, exchange: options.exchange, cash, priceAt });
        market.remember(entry);
        tellFindings(findings, place, step, entry);
        if (step.line <= lastBooked) compare(step, entry, rows.get(step.line));
        else {
          if (!isProven) await prove();
          booker.book(step, entry);
          added.tradesAdded += Number(entry.trade !== undefined);
          added.correctionsAdded += Number(step.gap !== undefined);
        }
        if (step.line > stored.lastLine) fresh.push(step);
        apply(state, step);
        cash = entry.cash;
      }
      await options.book.flush();
      await insertRows(tx, account, fresh);
      added.rowsAdded += fresh.length;
    },

    async close() {
      if (state.line < lastBooked) throw goneError(file, state.line + 1);
      return { ...added, proof: await proveBooks(tx, account, state) };
    },
  };
}

function goneError(file: string, line: number): ImportError {
  const reason = 'An earlier import of the file had a row in this line, which is missing now.';
  return new ImportError({ file, line }, reason);
}

function apply(state: FileState, { line, cash, changes }: PositionStep): void {
  state.line = line;
  state.cash = cash;
  for (const [symbol, quantity] of changes) {
    if (quantity.isZero()) state.held.delete(symbol);
    else state.held.set(symbol, quantity);
  }
}

function createBooker({ book, file }: OpenedBook, market: RowMarket) {
  return {
    book({ line, at }: PositionStep, { corrections, cashCorrection, trade }: RowEntry): void {
      const place = { file, line };
      const common = ({ symbol, side, quantity, price, cashAmount }: EnteredTrade) => {
        const instrument = market.instrumentOf(symbol, place);
        return { instrument, side, quantity, price, cashAmount, executedAt: at };
      };
      for (const correction of corrections) {
        const importKey = `${tradeKeyOf(line)}:${correction.symbol}`;
        book.trade({ ...common(correction), importKey, source: 'CORRECTION' });
      }
      book.correctCash({ amount: cashCorrection, occurredAt: at });
      if (!trade) return;
      const { flags } = trade;
      book.trade({ ...common(trade), importKey: tradeKeyOf(line), source: 'IMPORTED', flags });
    },
  };
}

function tellFindings(
  findings: Findings,
  place: { readonly file: string; readonly line: number },
  { gap, isOutOfOrder }: PositionStep,
  { cash, cashExpected, trade }: RowEntry,
): void {
  if (gap) findings.correct({ ...place, ...gap, cash: { ours: cashExpected, file: cash } });
  const { symbol = null, price = null, bar } = trade ?? {};
  const flags = trade?.flags ?? (isOutOfOrder ? ['OUT_OF_ORDER' as const] : []);
  for (const flag of flags) {
    findings.flag({
      ...place,
      flag,
      symbol,
      price,
      low: bar?.low ?? null,
      high: bar?.high ?? null,
    });
  }
}
