import type { Tx } from '../platform/database.ts';
import type { Order } from '../platform/prisma/client.ts';

export interface ClearedOrders {
  readonly accountId: string;
  /** Only of this instrument. */
  readonly instrumentId?: string;
  /** Only those that were placed before. */
  readonly placedBefore?: Date;
  readonly reason: { readonly code: string; readonly message: string };
}

/**
 * What the portfolio asks of trading: orders that stand in the way. Trading stands above it, so the
 * composition root hands this in.
 */
export interface OrderClearance {
  /**
   * Cancels what works of these, in the caller's transaction, under the account's lock, which is
   * taken before. Answers with those that it canceled; what is at a broker stays.
   */
  cancel(tx: Tx, orders: ClearedOrders): Promise<readonly Order[]>;
  /**
   * Cancels the newest orders that hold back cash until what is reserved is there, or none of them
   * is left, in the caller's transaction, under the account's lock. Answers with those that it
   * canceled.
   */
  cover(tx: Tx, orders: Pick<ClearedOrders, 'accountId' | 'reason'>): Promise<readonly Order[]>;
  /** How many orders of an account work. */
  countWorking(tx: Tx, accountId: string): Promise<number>;
  /** Hears of canceled orders after the commit. */
  tell(orders: readonly Order[]): void;
}
