import { Decimal, toBookedCash, toText, ZERO } from '../platform/money.ts';
import { createHistoryPositions } from './history-positions.ts';
import {
  insertPositions,
  insertTrades,
  postTransfers,
  updatePositions,
  type PendingTrade,
  type PendingTransfer,
} from './history-writes.ts';
import { runOf } from '../platform/query.ts';
import { lockAccount, lockOpenPositions, reserveMore } from './locks.ts';
import { applyFill } from './position.ts';
import { shortReserveChange } from './short-reserve.ts';
import { amountsOf, outcomeOf, refuseOtherCurrency } from './trade-amounts.ts';
import type { Clock } from '../platform/clock.ts';
import type { Tx } from '../platform/database.ts';
import type { Ids } from '../platform/ids.ts';
import type { OrderSide, TradeFlag, TradeSource } from '../platform/prisma/enums.ts';
import type { Account, Instrument, Position, Trade } from '../platform/prisma/client.ts';

/** A trade of the past, which has no order and no fee. */
export interface HistoryTrade {
  readonly instrument: Pick<Instrument, 'id' | 'symbol' | 'currency'>;
  readonly side: OrderSide;
  /** Positive. */
  readonly quantity: Decimal;
  readonly price: Decimal;
  /** Signed change of cash; rounded to the account's currency when it is booked. */
  readonly cashAmount: Decimal;
  /** Unique in its account. */
  readonly importKey: string;
  readonly source: Extract<TradeSource, 'IMPORTED' | 'CORRECTION'>;
  /** Not before that of any trade that the account has. */
  readonly executedAt: Date;
  readonly flags?: readonly TradeFlag[];
}

/** Cash that came from nowhere, or went there when it is negative. */
export interface CashCorrection {
  /** In the account's currency, with no more decimals than its minor unit; zero books nothing. */
  readonly amount: Decimal;
  readonly occurredAt: Date;
}

/** The books of one account whose history is being entered. Good until its transaction ends. */
export interface HistoryBook {
  /** Of the account, as if all was flushed. */
  readonly cash: Decimal;
  /** What is held of an instrument, as if all was flushed. */
  quantityOf(instrumentId: string): Decimal;
  /**
   * Books a trade in memory: what `bookTrade` would do with it. Throws plainly for what cannot be,
   * such as another currency, or a time before that of the trade booked last.
   */
  trade(trade: HistoryTrade): void;
  /** Books a CORRECTION transfer against the world outside, in memory. */
  correctCash(correction: CashCorrection): void;
  /**
   * Writes what is pending in a few statements, however much it is. Fails as `bookTrade` would, on
   * the database's constraints; the book is of no use then, and its transaction must be rolled
   * back.
   */
  flush(): Promise<void>;
}

/** Books trades by the thousand, for importers. `bookTrade` is the way of everybody else. */
export interface HistoryBooking {
  /**
   * Locks the account and its open positions until the transaction ends. Tells no events: whoever
   * enters history tells of it once. Throws plainly when there is no such account.
   */
  open(tx: Tx, account: Pick<Account, 'id'>): Promise<HistoryBook>;
}

export function createHistoryBooking({
  clock,
  ids,
}: {
  readonly clock: Clock;
  readonly ids: Ids;
}): HistoryBooking {
  return {
    async open(tx, { id }) {
      const account = await lockAccount(tx, id);
      if (!account) throw new Error(`There is no account ${id} to book history in.`);
      const positions = await lockOpenPositions(tx, id);
      const newest = await tx.trade.findFirst({
        select: { executedAt: true, id: true },
        where: { accountId: id },
        orderBy: [{ executedAt: 'desc' }, { id: 'desc' }],
      });
      return openBook(tx, { clock, ids }, { account, positions, newest });
    },
  };
}

/** Where a trade stands among those of its account. */
type TradePlace = Pick<Trade, 'executedAt' | 'id'>;

interface Pending {
  readonly trades: PendingTrade[];
  readonly transfers: PendingTransfer[];
}

interface StoredBooks {
  readonly account: Account;
  /** Those that are open. */
  readonly positions: readonly Position[];
  readonly newest: TradePlace | null;
}

function openBook(
  tx: Tx,
  { clock, ids }: { readonly clock: Clock; readonly ids: Ids },
  { account, positions: rows, newest }: StoredBooks,
): HistoryBook {
  const positions = createHistoryPositions(rows, ids);
  let cash = new Decimal(account.cash);
  let last = newest;
  let pending: Pending = { trades: [], transfers: [] };
  /** More than the row says is held back for what is short. */
  let held = ZERO;

  const move = (transfer: Omit<PendingTransfer, 'id'>): void => {
    // The ledger has no entry of zero.
    if (transfer.amount.isZero()) return;
    pending.transfers.push({ id: ids.next(), ...transfer });
    cash = cash.plus(transfer.amount);
  };

  return {
    get cash() {
      return cash;
    },

    quantityOf: (instrumentId) => new Decimal(positions.openOf(instrumentId)?.quantity ?? ZERO),

    trade({ instrument, importKey, source, executedAt, flags = [], ...terms }) {
      refuseOtherCurrency(account, instrument);
      const { side } = terms;
      const { currency } = account;
      const { quantity, price, cashAmount } = amountsOf({ ...terms, fee: ZERO }, currency);
      const fill = { side, quantity, cashAmount, currency };
      const before = positions.openOf(instrument.id);
      const result = applyFill(before, fill);
      held = held.plus(shortReserveChange(account.kind, before, result));
      const place = { id: ids.next(), executedAt };
      refuseEarlier(place, last);
      last = place;
      pending.trades.push({
        ...place,
        ...outcomeOf(result),
        ...{ instrumentId: instrument.id, importKey, source, flags: [...flags] },
        ...{ side, quantity, price, cashAmount },
      });
      positions.apply(instrument.id, executedAt, result);
      move({ cause: 'FILL', causeId: place.id, amount: cashAmount, occurredAt: executedAt });
    },

    correctCash({ amount, occurredAt }) {
      if (!toBookedCash(amount, account.currency).equals(amount)) {
        throw new Error(`${toText(amount)} is no amount of ${account.currency}.`);
      }
      move({ cause: 'CORRECTION', causeId: ids.next(), amount, occurredAt });
    },

    async flush() {
      const { trades, transfers } = pending;
      const { stored, added } = positions.takeChanged();
      pending = { trades: [], transfers: [] };
      const more = held;
      held = ZERO;
      const recordedAt = clock.now();
      // First the old: one that closed makes room for one that was opened after it.
      await updatePositions(tx, stored);
      await insertPositions(tx, account, added);
      await insertTrades(tx, account, trades, recordedAt);
      await postTransfers(tx, account, transfers, recordedAt);
      for (const query of reserveMore(account.id, more)) await runOf(tx, query);
    },
  };
}

/**
 * Reads of the past take the trades of an account by time and then by id: a trade that is booked
 * later must come later there as well.
 */
function refuseEarlier(trade: TradePlace, last: TradePlace | null): void {
  if (!last || trade.executedAt > last.executedAt) return;
  if (trade.executedAt.getTime() === last.executedAt.getTime() && trade.id > last.id) return;
  throw new Error(
    `A trade of ${trade.executedAt.toISOString()} (${trade.id}) cannot be booked after one of ` +
      `${last.executedAt.toISOString()} (${last.id}).`,
  );
}
