import type { Clock } from '../platform/clock.ts';
import type { Order } from '../platform/prisma/client.ts';
import type { OrderClearance } from '../portfolio/order-clearance.ts';
import { buyingPowerOf } from '../portfolio/events.ts';
import { lockAccount } from '../portfolio/locks.ts';
import { askOf } from '../platform/query.ts';
import { WORKING } from './engine/order-state.ts';
import { cancelAllOf } from './mass-cancellation.ts';
import { cancelWithGroup } from './order-ending.ts';
import { newestReserving } from './order-rows.ts';

export interface OrderClearancePorts {
  readonly clock: Clock;
  /** Hears of each canceled order after the commit: the engine's `drop`. */
  readonly onCanceled?: (order: Order) => void;
}

/** Takes orders out of the way of what happens to a whole account or instrument. */
export function createOrderClearance({ clock, onCanceled }: OrderClearancePorts): OrderClearance {
  return {
    cancel: (tx, { reason, ...wanted }) => cancelAllOf(tx, wanted, { now: clock.now(), reason }),

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
