import { ofSymbol } from '../market/symbol-filter.ts';
import type { Database, Tx } from '../platform/database.ts';
import { inAccountsOf } from '../platform/owner-filter.ts';
import type { Order, Prisma } from '../platform/prisma/client.ts';
import type { OrderSide, OrderStatus } from '../platform/prisma/enums.ts';
import type { Viewer } from '../platform/viewer.ts';

export interface OrderFilter {
  readonly accountId?: string;
  readonly symbol?: string;
  readonly side?: OrderSide;
  readonly statuses?: readonly OrderStatus[];
  /** Placed at or after. */
  readonly from?: Date;
  /** Placed before. */
  readonly to?: Date;
}

export interface OrderLists {
  /** The viewer's orders, newest first. Nothing for an account that is not the viewer's. */
  list(viewer: Viewer, selection: Prisma.OrderFindManyArgs, filter: OrderFilter): Promise<Order[]>;
  count(viewer: Viewer, filter: OrderFilter): Promise<number>;
}

export function createOrderLists({ db }: { readonly db: Database }): OrderLists {
  return {
    list: (viewer, selection, filter) =>
      db.snapshot(viewer, async (tx) => {
        const wanted = await ordersIn(tx, filter);
        return tx.order.findMany({
          ...selection,
          where: { AND: [selection.where ?? {}, wanted, inAccountsOf(viewer)] },
          orderBy: selection.orderBy ?? [{ createdAt: 'desc' }, { id: 'desc' }],
        });
      }),

    count: (viewer, filter) =>
      db.snapshot(viewer, async (tx) => {
        const wanted = await ordersIn(tx, filter);
        return tx.order.count({ where: { AND: [wanted, inAccountsOf(viewer)] } });
      }),
  };
}

async function ordersIn(tx: Tx, filter: OrderFilter): Promise<Prisma.OrderWhereInput> {
  const { accountId, symbol, side, statuses, from, to } = filter;
  return {
    ...(accountId !== undefined && { accountId }),
    ...(await ofSymbol(tx, symbol)),
    ...(side !== undefined && { side }),
    ...(statuses !== undefined && { status: { in: [...statuses] } }),
    ...((from ?? to) && { createdAt: { ...(from && { gte: from }), ...(to && { lt: to }) } }),
  };
}
