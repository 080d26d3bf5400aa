import { ImportError, type FilePlace } from '../../market/import/errors.ts';
import { Decimal, toBookedCash, toColumn, ZERO } from '../../platform/money.ts';
import type { Account, Instrument, Trade } from '../../platform/prisma/client.ts';
import type { Booking } from '../../portfolio/booking.ts';
import type { Tx } from '../../platform/database.ts';
import type { PositionStep } from './positions.ts';

type TradeStep = Extract<PositionStep, { kind: 'TRADE' }>;
type StoredTrade = Trade & { readonly instrument: Instrument };

export interface TradeBookResult {
  readonly tradesAdded: number;
  /** Trades of the account whose price is the open of their day's bar. */
  readonly tradesAtOpen: number;
  readonly cash: Decimal;
  /** Symbols of which something is held. */
  readonly positions: number;
}

/**
 * Enters the trades of position.jsonl into an account, in order of line, and keeps its books equal to
 * the file's: cash is booked as the difference between the file's cash, rounded to the cent, and ours
 * before the trade, so that no rounding adds up (docs/decisions/2026-11-21-imported-cash.md).
 */
export interface TradeBook {
  /**
   * Books the trade of a line that is not booked yet. Throws ImportError when the line was imported
   * before as something else, or when our cash or quantity comes out different from the file's.
   */
  enter(step: TradeStep): Promise<void>;
  /** Compares all of the account with the last row of the file. */
  close(last: PositionStep): Promise<TradeBookResult>;
}

export interface TradeBookOptions {
  readonly booking: Booking;
  readonly account: Account;
  readonly file: string;
}

export async function openTradeBook(
  tx: Tx,
  { booking, account, file }: TradeBookOptions,
): Promise<TradeBook> {
  const stored = await loadStoredTrades(tx, account.id);
  const lastStoredLine = Math.max(0, ...stored.keys());
  const instruments = new Map<string, Instrument>();
  let cash = new Decimal(account.startingCash);
  let tradesAdded = 0;

  const instrumentOf = async (symbol: string): Promise<Instrument> => {
    const known = instruments.get(symbol);
    if (known) return known;
    const instrument = await tx.instrument.findUniqueOrThrow({ where: { symbol } });
    instruments.set(symbol, instrument);
    return instrument;
  };

  const book = async (step: TradeStep, cashAmount: Decimal) => {
    const booked = await booking.bookTrade(tx, {
      account,
      instrument: await instrumentOf(step.symbol),
      side: step.side,
      quantity: step.quantity,
      price: step.price,
      fee: ZERO,
      cashAmount,
      importKey: importKeyOf(step.line),
      source: 'IMPORTED',
      executedAt: step.session.openTime,
      isAnnounced: false,
    });
    const expected = { cash: cash.plus(cashAmount), quantity: quantityOf(step, step.symbol) };
    const found = { cash: booked.account.cash, quantity: booked.position.quantity };
    refuseDifference({ file, line: step.line }, 'cash', expected.cash, found.cash);
    refuseDifference({ file, line: step.line }, step.symbol, expected.quantity, found.quantity);
  };

  return {
    async enter(step) {
      const place = { file, line: step.line };
      const cashAfter = toBookedCash(step.cash, account.currency);
      const cashAmount = cashAfter.minus(cash);
      const known = stored.get(step.line);
      if (known) {
        refuseOtherTrade(place, known, { ...step, cashAmount });
        stored.delete(step.line);
      } else if (step.line < lastStoredLine) {
        throw new ImportError(place, 'An earlier import of the file had no trade in this line.');
      } else {
        await book(step, cashAmount);
        tradesAdded += 1;
      }
      cash = cashAfter;
    },

    async close(last) {
      const [missing] = stored.keys();
      if (missing !== undefined) {
        const reason = 'An earlier import of the file had a trade in this line.';
        throw new ImportError({ file, line: missing }, reason);
      }
      const place = { file, line: last.line };
      const { cash: ledgerCash } = await tx.account.findUniqueOrThrow({
        where: { id: account.id },
      });
      refuseDifference(place, 'cash', toBookedCash(last.cash, account.currency), ledgerCash);
      const positions = await comparePositions(tx, { accountId: account.id, last, place });
      const tradesAtOpen = await countTradesAtOpen(tx, account.id);
      return { tradesAdded, tradesAtOpen, cash, positions };
    },
  };
}

const importKeyOf = (line: number): string => `position.jsonl:${String(line)}`;

/** What earlier imports booked, by line. One trader's trades: thousands, which memory holds. */
async function loadStoredTrades(tx: Tx, accountId: string): Promise<Map<number, StoredTrade>> {
  const trades = await tx.trade.findMany({
    where: { accountId, importKey: { not: null } },
    include: { instrument: true },
  });
  return new Map(
    trades.map((trade) => [Number(trade.importKey?.slice(importKeyOf(0).length - 1)), trade]),
  );
}

function refuseOtherTrade(
  place: FilePlace,
  stored: StoredTrade,
  step: TradeStep & { readonly cashAmount: Decimal },
): void {
  const isSame =
    stored.instrument.symbol === step.symbol &&
    stored.side === step.side &&
    stored.executedAt.getTime() === step.session.openTime.getTime() &&
    step.quantity.equals(stored.quantity) &&
    toColumn(step.price).equals(stored.price) &&
    step.cashAmount.equals(stored.cashAmount);
  if (!isSame) throw new ImportError(place, 'An earlier import had another trade in this line.');
}

const quantityOf = ({ quantities }: PositionStep, symbol: string): Decimal =>
  quantities.get(symbol) ?? ZERO;

function refuseDifference(place: FilePlace, what: string, expected: Decimal, found: Decimal): void {
  if (expected.equals(found)) return;
  throw new ImportError(
    place,
    `Our books have ${found.toFixed()} (${what}) where the file has ${expected.toFixed()}.`,
  );
}

/** Returns how many symbols are held. */
async function comparePositions(
  tx: Tx,
  { accountId, last, place }: { accountId: string; last: PositionStep; place: FilePlace },
): Promise<number> {
  const open = await tx.position.findMany({
    where: { accountId, closedAt: null },
    include: { instrument: true },
  });
  const ours = new Map(open.map(({ instrument, quantity }) => [instrument.symbol, quantity]));
  for (const symbol of new Set([...ours.keys(), ...last.quantities.keys()])) {
    refuseDifference(place, symbol, quantityOf(last, symbol), new Decimal(ours.get(symbol) ?? 0));
  }
  return ours.size;
}

async function countTradesAtOpen(tx: Tx, accountId: string): Promise<number> {
  const rows = await tx.$queryRaw<{ count: number }[]>`
    SELECT count(*)::int AS count FROM trades t
    WHERE t.account_id = ${accountId}::uuid AND EXISTS (
      SELECT 1 FROM bars b WHERE b.instrument_id = t.instrument_id AND b.interval = 'DAY_1'
        AND b.open_time = t.executed_at AND b.open = t.price)`;
  return rows[0]?.count ?? 0;
}
