import { requireCapability } from '../accounts/capabilities.ts';
import type { Clock } from '../platform/clock.ts';
import type { Database, Tx } from '../platform/database.ts';
import { idempotent } from '../platform/idempotency.ts';
import { inAccountsOf } from '../platform/owner-filter.ts';
import type { Order } from '../platform/prisma/client.ts';
import type { OrderStatus } from '../platform/prisma/enums.ts';
import type { Viewer } from '../platform/viewer.ts';
import { cancelAllOrders, type CancelAllOrders } from './cancel-all.ts';
import { cancelOrder, parseCancellation, type CancelOrder } from './cancellation.ts';
import { OrderNotCancelable } from './errors.ts';

export interface CancellationPorts {
  /** The server's. */
  readonly db: Database;
  readonly clock: Clock;
  /** Hears of each canceled order after the commit: the engine's `drop`. */
  readonly onCanceled?: (order: Order) => void;
}

export interface OrderCancellations {
  /**
   * Cancels an order that is working, with all others of its group, frees the cash that they held
   * back, and returns it. What was filled stays. Throws OrderNotCancelable when it is not working
   * any more, and NotFound when it is not the viewer's. The same key gets the first answer again.
   */
  cancel(viewer: Viewer, command: CancelOrder): Promise<Order>;
  /**
   * Cancels all orders of an account that work, up to 1,000, or those of one instrument, and
   * returns them. Throws NotFound for an account that is not the viewer's. The same key gets the
   * first answer.
   */
  cancelAll(viewer: Viewer, command: CancelAllOrders): Promise<readonly Order[]>;
}

export function createOrderCancellations(ports: CancellationPorts): OrderCancellations {
  const { db, clock } = ports;
  return {
    async cancel(viewer, command) {
      const { userId: ownerId } = requireCapability(viewer, 'TRADE');
      const { orderId, idempotencyKey: key } = parseCancellation(command);
      const { outcome } = await db.withViewer(viewer, (tx) =>
        idempotent<{ readonly refusedIn: OrderStatus | null }>(
          tx,
          { ownerId, operation: 'cancelOrder', key, command: { orderId }, now: clock.now() },
          async () => ({ refusedIn: await cancelOrder(tx, clock, { orderId, viewer }) }),
        ),
      );
      if (outcome.refusedIn) throw new OrderNotCancelable(orderId, outcome.refusedIn);
      const { order, others } = await db.snapshot(viewer, (tx) => withItsGroup(tx, orderId));
      for (const each of [order, ...others]) ports.onCanceled?.(each);
      return order;
    },

    async cancelAll(viewer, { idempotencyKey: key, ...command }) {
      const { userId: ownerId } = requireCapability(viewer, 'TRADE');
      const { outcome } = await db.withViewer(viewer, (tx) =>
        idempotent<{ readonly orderIds: string[] }>(
          tx,
          { ownerId, operation: 'cancelAllOrders', key, command, now: clock.now() },
          async () => ({ orderIds: await cancelAllOrders(tx, clock, { viewer, ...command }) }),
        ),
      );
      const where = { id: { in: outcome.orderIds }, ...inAccountsOf(viewer) };
      const orders = await db.snapshot(viewer, (tx) =>
        tx.order.findMany({ where, orderBy: [{ createdAt: 'desc' }, { id: 'desc' }] }),
      );
      for (const order of orders) ports.onCanceled?.(order);
      return orders;
    },
  };
}

/** An order that was canceled, and those that were canceled with it. */
async function withItsGroup(
  tx: Tx,
  id: string,
): Promise<{ readonly order: Order; readonly others: readonly Order[] }> {
  const order = await tx.order.findUniqueOrThrow({ where: { id } });
  const { groupId } = order;
  const where = {
    ...{ groupId, id: { not: id }, replacedById: null, status: 'CANCELED' as const },
  };
  return { order, others: groupId === null ? [] : await tx.order.findMany({ where }) };
}
