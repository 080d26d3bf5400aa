import type { Loaders } from '../schema/context.ts';
import type { Database } from '../services/platform/database.ts';
import { columnsOf } from '../services/platform/model-columns.ts';
import type { Order } from '../services/platform/prisma/client.ts';
import type { Viewer } from '../services/platform/viewer.ts';
import { readTimelines, type OrderStep } from '../services/trading/order-timeline.ts';
import type { RequestBatches } from './request-batches.ts';

const ORDERS_OF_GROUPS = `SELECT ${columnsOf('Order')} FROM orders
  WHERE group_id = ANY($1::uuid[]) AND replaced_by_id IS NULL ORDER BY created_at, id`;

/** What is read beneath an order. */
export function createOrderLoaders(
  { load }: Pick<RequestBatches, 'load'>,
  db: Database,
  viewer: Viewer,
): Pick<Loaders, 'orderGroup' | 'timeline'> {
  return {
    async orderGroup(groupId) {
      const orders = await load<Order[]>('orderGroup', groupId, async (groupIds) => {
        const rows = await db.read(viewer, (ask) =>
          ask<Order>({ text: ORDERS_OF_GROUPS, values: [groupIds] }),
        );
        return Map.groupBy(rows, (row) => row.groupId ?? '');
      });
      return orders ?? [];
    },

    async timeline(orderId) {
      const steps = await load<OrderStep[]>('timeline', orderId, (orderIds) =>
        db.read(viewer, (ask) => readTimelines(ask, orderIds)),
      );
      return steps ?? [];
    },
  };
}
