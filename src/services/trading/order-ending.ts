import { ZERO } from '../platform/money.ts';
import { appendEvents } from '../platform/outbox.ts';
import { Prisma, type Order } from '../platform/prisma/client.ts';
import { balanceChanged } from '../portfolio/events.ts';
import { lockAccountAndRelease } from '../portfolio/locks.ts';
import { transition } from './engine/order-state.ts';
import { orderChanged } from './events.ts';
import { changeOf, updateOrder } from './order-rows.ts';
import type { Tx } from '../platform/database.ts';

export interface OrderEnding {
  /** As it was read under its lock; the account's lock is held as well. */
  readonly order: Order;
  readonly by: 'canceled' | 'expired' | 'rejected';
  readonly now: Date;
  /** Why, where that is not in the word. */
  readonly reason?: { readonly code: string; readonly message: string };
  /** What must hold besides, such as a lease. */
  readonly condition?: Prisma.Sql;
}

/**
 * Ends an order that works: its state with its history, the cash that it held back, and the events. What
 * was filled stays. Undefined, with nothing written, when the condition does not hold.
 */
export async function endOrder(
  tx: Tx,
  { order, by, now, reason, condition = Prisma.sql`true` }: OrderEnding,
): Promise<Order | undefined> {
  const change = changeOf(order, transition(order, { type: by }), {
    reserved: ZERO,
    updatedAt: now,
    ...(reason && { reasonCode: reason.code, reason: reason.message }),
  });
  if (!(await updateOrder(tx, change, condition))) return undefined;
  const account = await lockAccountAndRelease(tx, order.accountId, order.reserved);
  if (!account) throw new Error(`Order ${order.id} has lost its account.`);
  await appendEvents(tx, [
    orderChanged(change.after),
    ...(order.reserved.isZero() ? [] : [balanceChanged(account, now)]),
  ]);
  return change.after;
}
