import { createOrderDelays } from './order-delays.ts';
import { createOrderNews } from './order-news.ts';
import { createRestingOrders, type OpenOrder, type RestingOrders } from './resting-orders.ts';
import type { BestPrices } from './engine/order-terms.ts';
import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';
import type { Decimal } from '../platform/money.ts';
import type { Order } from '../platform/prisma/client.ts';

/** The open orders of one instrument, and who waits for news of them. */
export interface OrderQueue {
  /** Takes an order; one that is there already stays as it is. */
  add(order: OpenOrder): void;
  /** Takes an order as it is now, in the place of what was known of it. */
  put(order: OpenOrder): void;
  /**
   * Prices were seen: stops follow them or go off by each of them, whether orders are looked for or
   * not.
   */
  see(prices: BestPrices): void;
  /**
   * When prices have last touched the stop of an order that waits for that; undefined if they have
   * not.
   */
  touchedAt(orderId: string): Date | undefined;
  /**
   * Trailing stops that may have moved since this was last asked, each with its stop as it stands.
   */
  moved(): readonly OpenOrder[];
  /** The next news of an order that was added. */
  newsOf(orderId: string): Promise<Order | undefined>;
  /**
   * Those to try now, in the order in which they are to be tried: what has ended by itself, what
   * was tried and failed, wherever the price is by now, since that may have been stored, then what
   * the prices reach.
   */
  due(prices: BestPrices | undefined): readonly OpenOrder[];
  /**
   * Whether the last try of an order failed, so that only the database can tell what came of it.
   */
  isUnsure(orderId: string): boolean;
  /** What the last try left of an order; undefined when there was nothing to try it with. */
  tried(
    orderId: string,
    after: { readonly order: Order; readonly remaining: Decimal } | undefined,
  ): void;
  /** An order is not tried before a time of the clock: what has been sent has not arrived. */
  postpone(orderId: string, untilMs: number): void;
  /**
   * When to look for orders even if no quote comes, in milliseconds of the clock: an order ends by
   * itself, or one that was put off can be tried; it may have passed since the last look. Undefined
   * when there is nothing to wait for.
   */
  wakesAtMs(): number | undefined;
  /** The order is not to be filled any more. */
  remove(orderId: string, order: Order | undefined): void;
  /**
   * A try failed unexpectedly: it is repeated later, and logged. From the twentieth on the order is
   * stuck: it is tried every five minutes, since what it holds back must not be held for good, and
   * no more is said.
   */
  failed(orderId: string, error: unknown): void;
  /** Who waits now. Calling the answer tells those of them who still wait that there is no news. */
  waiting(): () => void;
  /** Forgets all of them, and lets nobody wait. */
  clear(): void;
}

export function createOrderQueue({
  clock,
  logger,
  tickSize,
}: {
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'error'>;
  /** Of the instrument: trailing stops stand on it. */
  readonly tickSize: Decimal;
}): OrderQueue {
  const resting = createRestingOrders({ tickSize });
  const orders = createKnownOrders(resting);
  const news = createOrderNews();
  const delays = createOrderDelays({ clock, logger });

  /** When it was last asked what is due. */
  let lookedAtMs = -Infinity;

  const remove = (orderId: string, order: Order | undefined): void => {
    if (!orders.remove(orderId)) return;
    delays.forget(orderId);
    news.tell(orderId, order);
  };

  return {
    add(order) {
      if (!orders.has(order.id)) orders.add(order);
    },
    put(order) {
      if (!orders.change(order.id, order, resting.touchedAt(order.id))) orders.add(order);
    },
    see: (prices) => {
      resting.see(prices, clock.now());
    },
    touchedAt: (orderId) => resting.touchedAt(orderId),
    moved: () => resting.moved(),
    newsOf: (orderId) => (orders.has(orderId) ? news.of(orderId) : Promise.resolve(undefined)),
    due(prices) {
      const now = clock.now();
      lookedAtMs = now.getTime();
      const unsure = delays.failing().flatMap((orderId) => orders.standing(orderId) ?? []);
      const reached = [...resting.expiredBy(now), ...unsure, ...resting.reachedBy(prices)];
      const due = reached.filter(({ id }) => delays.isDue(id, now));
      return unsure.length > 0 ? eachOnce(due) : due;
    },
    isUnsure: (orderId) => delays.isFailing(orderId),
    tried(orderId, after) {
      if (after) {
        delays.succeeded(orderId);
        orders.change(orderId, { status: after.order.status, remaining: after.remaining });
      }
      news.tell(orderId, after?.order);
    },
    postpone(orderId, untilMs) {
      if (!orders.has(orderId)) return;
      delays.postpone(orderId, untilMs);
      news.tell(orderId, undefined);
    },
    wakesAtMs() {
      // What should have ended then was tried: if that failed, it was put off. What fell due since
      // was not.
      return firstAfter(lookedAtMs, [delays.nextMs(lookedAtMs), resting.nextEnd()?.getTime()]);
    },
    remove,
    failed(orderId, error) {
      if (!orders.has(orderId)) return;
      delays.failed(orderId, error);
      news.tell(orderId, undefined);
    },
    waiting: () => news.waiting(),
    clear() {
      for (const orderId of orders.ids()) remove(orderId, undefined);
    },
  };
}

function firstAfter(ms: number, times: readonly (number | undefined)[]): number | undefined {
  const first = Math.min(...times.map((time) => (time && time > ms ? time : Infinity)));
  return first === Infinity ? undefined : first;
}

const eachOnce = (orders: readonly OpenOrder[]): readonly OpenOrder[] => [
  ...new Map(orders.map((order) => [order.id, order])).values(),
];

/** The orders by their ids, as they rest. */
function createKnownOrders(resting: RestingOrders) {
  const orders = new Map<string, OpenOrder>();
  const add = (order: OpenOrder, touchedAt?: Date): void => {
    orders.set(order.id, order);
    resting.add(order, touchedAt);
  };
  return {
    add,
    has: (orderId: string) => orders.has(orderId),
    standing(orderId: string): OpenOrder | undefined {
      const known = orders.get(orderId);
      return known && resting.standingOf(known);
    },
    ids: () => [...orders.keys()],
    /**
     * With the stop that it has trailed to; touched if that is told, else it waits to be. False
     * when it is not known.
     */
    change(
      orderId: string,
      { status, remaining }: Pick<OpenOrder, 'status' | 'remaining'>,
      touchedAt?: Date,
    ): boolean {
      const known = orders.get(orderId);
      if (!known) return false;
      const standing = resting.standingOf(known);
      resting.remove(known);
      add({ ...standing, status, remaining }, touchedAt);
      return true;
    },
    remove(orderId: string): boolean {
      const known = orders.get(orderId);
      if (known) resting.remove(known);
      return orders.delete(orderId);
    },
  };
}
