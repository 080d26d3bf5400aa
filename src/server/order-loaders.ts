import type { Loaders } from '../schema/context.ts';
import type { Database } from '../services/platform/database.ts';
import type { Order } from '../services/platform/prisma/client.ts';
import type { Viewer } from '../services/platform/viewer.ts';
import { readTimelines, type OrderStep } from '../services/trading/order-timeline.ts';
import type { RequestBatches } from './request-batches.ts';

/** What is read beneath an order. */
export function createOrderLoaders(
  { load }: Pick<RequestBatches, 'load'>,
  db: Database,
  viewer: Viewer,
): Pick<Loaders, 'orderGroup' | 'timeline'> {
  return {
    async orderGroup(groupId) {
      const orders = await load<Order[]>('orderGroup', groupId, async (groupIds) => {
        const where = { groupId: { in: groupIds }, replacedById: null };
        const orderBy = [{ createdAt: 'asc' }, { id: 'asc' }] as const;
        const rows = await db.snapshot(viewer, (tx) =>
          tx.order.findMany({ where, orderBy: [...orderBy] }),
        );
        return Map.groupBy(rows, (row) => row.groupId ?? '');
      });
      return orders ?? [];
    },

    async timeline(orderId) {
      const steps = await load<OrderStep[]>('timeline', orderId, (orderIds) =>
        db.snapshot(viewer, (tx) => readTimelines(tx, orderIds)),
      );
      return steps ?? [];
    },
  };
}
