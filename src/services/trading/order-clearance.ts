import type { Clock } from '../platform/clock.ts';
import { Prisma, type Order } from '../platform/prisma/client.ts';
import type { OrderClearance } from '../portfolio/order-clearance.ts';
import { buyingPowerOf } from '../portfolio/events.ts';
import { lockAccount } from '../portfolio/locks.ts';
import { askOf } from '../platform/query.ts';
import { isCancelable } from './cancellation.ts';
import { WORKING } from './engine/order-state.ts';
import { cancelWithGroup, endOrder } from './order-ending.ts';
import { lockWorkingOrders, newestReserving } from './order-rows.ts';

export interface OrderClearancePorts {
  readonly clock: Clock;
  /** Hears of each canceled order after the commit: the engine's `drop`. */
  readonly onCanceled?: (order: Order) => void;
}

/** Takes orders out of the way of what happens to a whole account or instrument. */
export function createOrderClearance({ clock, onCanceled }: OrderClearancePorts): OrderClearance {
  return {
    async cancel(tx, { accountId, instrumentId, placedBefore, reason }) {
      const condition = Prisma.join(
        [
          Prisma.sql`true`,
          ...(instrumentId === undefined
            ? []
            : [Prisma.sql`instrument_id = ${instrumentId}::uuid`]),
          ...(placedBefore ? [Prisma.sql`created_at < ${placedBefore}`] : []),
        ],
        ' AND ',
      );
      const canceled: Order[] = [];
      // A read locks so many at most; what was canceled is not among the next.
      for (;;) {
        const working = await lockWorkingOrders(tx, accountId, condition);
        const cancelable = working.filter(({ status }) => isCancelable(status));
        for (const order of cancelable) {
          canceled.push(await endOrder(tx, { order, now: clock.now(), reason }));
        }
        if (cancelable.length === 0 || working.length > cancelable.length) return canceled;
      }
    },

    async cover(tx, { accountId, reason }) {
      const canceled: Order[] = [];
      for (;;) {
        const account = await lockAccount(tx, accountId);
        if (!account || !buyingPowerOf(account).isNegative()) return canceled;
        const [order] = await askOf(tx, newestReserving(accountId));
        if (!order) return canceled;
        canceled.push(...(await cancelWithGroup(tx, order, { now: clock.now(), reason })));
      }
    },

    async countWorking(tx, accountId) {
      return tx.order.count({ where: { accountId, status: { in: [...WORKING] } } });
    },

    tell(orders) {
      for (const order of orders) onCanceled?.(order);
    },
  };
}
