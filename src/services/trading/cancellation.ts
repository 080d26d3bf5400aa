import { z } from 'zod';
import { NotFound } from '../platform/errors.ts';
import { inAccountsOf } from '../platform/owner-filter.ts';
import { lockAccount } from '../portfolio/locks.ts';
import { isCancelable } from './engine/order-state.ts';
import { cancelWithGroup } from './order-ending.ts';
import { lockOrder } from './order-rows.ts';
import type { Clock } from '../platform/clock.ts';
import type { Tx } from '../platform/database.ts';
import type { OrderStatus } from '../platform/prisma/enums.ts';
import type { Viewer } from '../platform/viewer.ts';

export interface CancelOrder {
  readonly orderId: string;
  readonly idempotencyKey: string;
}

const uuid = z.uuid();

/** Refuses an id that cannot be like one that never was. */
export function parseCancellation(command: CancelOrder): CancelOrder {
  if (!uuid.safeParse(command.orderId).success) throw new NotFound('Order');
  return command;
}

/**
 * Cancels an order of the viewer's, with all others of its group, and frees the cash that they held
 * back. Answers with null, or with the state that the order was in when it could not be canceled. A
 * fill that goes on at the same time waits for the same locks: whoever has them first decides.
 */
export async function cancelOrder(
  tx: Tx,
  clock: Clock,
  { orderId, viewer }: { readonly orderId: string; readonly viewer: Viewer },
): Promise<OrderStatus | null> {
  const found = await tx.order.findFirst({
    where: { id: orderId, ...inAccountsOf(viewer) },
    select: { accountId: true },
  });
  if (!found) throw new NotFound('Order');
  await lockAccount(tx, found.accountId);
  const order = await lockOrder(tx, orderId);
  if (!order) throw new NotFound('Order');
  if (!isCancelable(order.status)) return order.status;
  await cancelWithGroup(tx, order, { now: clock.now() });
  return null;
}
