import type { Clock } from '../platform/clock.ts';
import type { Tx } from '../platform/database.ts';
import type { Ids } from '../platform/ids.ts';
import type { Decimal } from '../platform/money.ts';
import type { OrderSide, TradeFlag, TradeSource } from '../platform/prisma/enums.ts';
import type { Account, Instrument } from '../platform/prisma/client.ts';

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
   * Writes what is pending in a few statements, however much it is. Fails as `bookTrade` would, on the
   * database's constraints; the book is of no use then, and its transaction must be rolled back.
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

export function createHistoryBooking(_ports: {
  readonly clock: Clock;
  readonly ids: Ids;
}): HistoryBooking {
  return {
    open: () => Promise.reject(new Error('History is not booked yet.')),
  };
}
