import type { OwnEvents, OwnItem } from '../accounts/own-events.ts';
import { NotFound } from '../platform/errors.ts';
import type { Order } from '../platform/prisma/client.ts';
import type { Viewer } from '../platform/viewer.ts';
import { accountTopic } from '../portfolio/events.ts';
import type { Portfolios } from '../portfolio/portfolios.ts';
import { WORKING } from './engine/order-state.ts';
import { ORDER_CHANGED, parseOrderChanged } from './events.ts';
import type { OrderLists } from './order-lists.ts';

export interface OrderEventsFilter {
  /** Every account of the viewer when it is left out. */
  readonly accountId?: string | undefined;
  /** Resume after this event; without it the current state comes first. */
  readonly after?: bigint | undefined;
}

export interface OrderEvents {
  /**
   * The viewer's orders as they change, live and resumable. Without `after` the newest 100 that
   * work come first. The first `next()` rejects with NotFound for an account that is not the
   * viewer's; later ones with Revoked when the session ends.
   */
  follow(viewer: Viewer, filter: OrderEventsFilter): AsyncIterableIterator<OwnItem<Order>>;
}

const ORDERS_FIRST_MAX = 100;

export function createOrderEvents({
  ownEvents,
  portfolios,
  orders,
}: {
  readonly ownEvents: OwnEvents;
  readonly portfolios: Pick<Portfolios, 'list'>;
  readonly orders: Pick<OrderLists, 'list'>;
}): OrderEvents {
  return {
    follow: (viewer, { accountId, after }) =>
      ownEvents.follow<Order>(viewer, {
        types: [ORDER_CHANGED],
        parse: parseOrderChanged,
        after,
        async begin(reader, head) {
          if (accountId !== undefined) {
            const found = await portfolios.list(reader, { where: { id: accountId }, take: 1 });
            if (found.length === 0) throw new NotFound('Account');
          }
          const filter = { statuses: WORKING, ...(accountId !== undefined && { accountId }) };
          return {
            topic: accountId === undefined ? undefined : accountTopic(accountId),
            async current() {
              const rows = await orders.list(reader, { take: ORDERS_FIRST_MAX }, filter);
              return rows.map((row) => ({
                ...{ kind: 'event', cursor: head, occurredAt: row.updatedAt, row },
              }));
            },
          };
        },
      }),
  };
}
