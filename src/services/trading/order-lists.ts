import { instrumentIs, ofSymbol } from '../market/symbol-filter.ts';
import type { Database, Tx } from '../platform/database.ts';
import type { Condition } from '../platform/list-conditions.ts';
import { countListed, readListedPage } from '../platform/listed-page.ts';
import { selectionOf } from '../platform/model-columns.ts';
import { inAccountsOf, ofAccountsOf } from '../platform/owner-filter.ts';
import type { Page, PageRequest } from '../platform/page.ts';
import type { Order, Prisma } from '../platform/prisma/client.ts';
import type { OrderSide, OrderStatus } from '../platform/prisma/enums.ts';
import type { Ask } from '../platform/read-transaction.ts';
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
  /** A page of the same list. */
  page(viewer: Viewer, page: PageRequest, filter: OrderFilter): Promise<Page<Order>>;
  count(viewer: Viewer, filter: OrderFilter): Promise<number>;
}

const ORDERS = { table: 'orders', select: selectionOf('Order'), timeField: 'createdAt' };

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

    page: (viewer, page, filter) =>
      db.read(viewer, async (ask) => {
        const conditions = [...ofAccountsOf(viewer), ...(await conditionsOf(ask, filter))];
        return readListedPage(ask, ORDERS, { page, conditions });
      }),

    count: (viewer, filter) =>
      db.read(viewer, async (ask) => {
        const conditions = [...ofAccountsOf(viewer), ...(await conditionsOf(ask, filter))];
        return countListed(ask, ORDERS, conditions);
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

async function conditionsOf(ask: Ask, filter: OrderFilter): Promise<readonly Condition[]> {
  const { accountId, symbol, side, statuses, from, to } = filter;
  return [
    ...(accountId === undefined ? [] : [{ field: 'accountId', is: accountId }]),
    ...(await instrumentIs(ask, symbol)),
    ...(side === undefined ? [] : [{ field: 'side', anyOf: [side] }]),
    ...(statuses === undefined ? [] : [{ field: 'status', anyOf: statuses }]),
    ...(from === undefined ? [] : [{ field: 'createdAt', from }]),
    ...(to === undefined ? [] : [{ field: 'createdAt', before: to }]),
  ];
}
