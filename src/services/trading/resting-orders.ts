import { Decimal } from '../platform/money.ts';
import { farPrice, isArmed, isImmediate, isTouched, isWithinLimit } from './engine/order-terms.ts';
import type { BestPrices, OrderTerms } from './engine/order-terms.ts';
import type { Order } from '../platform/prisma/client.ts';

/** What is kept in memory of an order that can be filled; its row in the database decides. */
export type OpenOrder = OrderTerms &
  Pick<Order, 'id' | 'accountId' | 'instrumentId' | 'status' | 'createdAt' | 'expiresAt'> & {
    /** What is left to fill. */
    readonly remaining: Decimal;
  };

/**
 * The open orders of one instrument, ordered by what sets them to work, so that a quote that reaches
 * none of them costs a look at the first of each list, however many there are.
 */
export interface RestingOrders {
  add(order: OpenOrder): void;
  remove(order: OpenOrder): void;
  /**
   * Those that the prices reach: orders at the market and stops that go off, the oldest first, then
   * limits from the best price, the oldest first among equals. Without prices, those alone that do not
   * wait for one.
   */
  reachedBy(prices: BestPrices | undefined): readonly OpenOrder[];
  /** Those that have ended by themselves by `now`. */
  expiredBy(now: Date): readonly OpenOrder[];
}

export function createRestingOrders(): RestingOrders {
  /** At the market. */
  const market = createSortedOrders(byTime);
  const immediate = createSortedOrders(byTime);
  const limits = { BUY: createSortedOrders(dearestFirst), SELL: createSortedOrders(cheapestFirst) };
  const stops = { BUY: createSortedOrders(lowestStop), SELL: createSortedOrders(highestStop) };
  const ending = createSortedOrders(soonest);

  const listOf = (order: OpenOrder): SortedOrders => {
    if (isImmediate(order.timeInForce)) return immediate;
    if (isArmed(order)) return stops[order.side];
    return order.limitPrice === null ? market : limits[order.side];
  };

  return {
    add(order) {
      listOf(order).add(order);
      if (order.expiresAt) ending.add(order);
    },
    remove(order) {
      listOf(order).remove(order);
      if (order.expiresAt) ending.remove(order);
    },
    reachedBy(prices) {
      const atOnce = immediate.while(() => true);
      if (!prices) return atOnce;
      const isSetOff = (order: OpenOrder) => isTouched(order, prices);
      const isInReach = (order: OpenOrder) => isWithinLimit(order, farPrice(order.side, prices));
      const atMarket = [
        ...atOnce,
        ...market.while(() => true),
        ...stops.BUY.while(isSetOff),
        ...stops.SELL.while(isSetOff),
      ];
      return [
        ...(atMarket.length > 1 ? atMarket.sort(byTime) : atMarket),
        ...limits.BUY.while(isInReach),
        ...limits.SELL.while(isInReach),
      ];
    },
    expiredBy: (now) => ending.while(({ expiresAt }) => expiresAt !== null && expiresAt <= now),
  };
}

type Compare = (one: OpenOrder, other: OpenOrder) => number;

interface SortedOrders {
  add(order: OpenOrder): void;
  remove(order: OpenOrder): void;
  /** Those at the front for which it holds. */
  while(holds: (order: OpenOrder) => boolean): OpenOrder[];
}

function createSortedOrders(compare: Compare): SortedOrders {
  const orders: OpenOrder[] = [];
  /** Where the order stands, or would stand. */
  const placeOf = (order: OpenOrder): number => {
    let [low, high] = [0, orders.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      const other = orders[middle];
      if (other && compare(other, order) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  return {
    add(order) {
      orders.splice(placeOf(order), 0, order);
    },
    remove(order) {
      const place = placeOf(order);
      if (orders[place]?.id === order.id) orders.splice(place, 1);
    },
    while(holds) {
      const found: OpenOrder[] = [];
      for (const order of orders) {
        if (!holds(order)) break;
        found.push(order);
      }
      return found;
    },
  };
}

const byTime: Compare = (one, other) => {
  const apart = one.createdAt.getTime() - other.createdAt.getTime();
  if (apart !== 0) return apart;
  if (one.id === other.id) return 0;
  return one.id < other.id ? -1 : 1;
};

const byPrice =
  (priceOf: (order: OpenOrder) => Decimal | null, sign: 1 | -1): Compare =>
  (one, other) => {
    const [price, otherPrice] = [priceOf(one), priceOf(other)];
    const apart = price && otherPrice ? new Decimal(price).cmp(otherPrice) : 0;
    return apart === 0 ? byTime(one, other) : apart * sign;
  };

const limitOf = ({ limitPrice }: OpenOrder) => limitPrice;
const stopOf = ({ stopPrice }: OpenOrder) => stopPrice;
const cheapestFirst = byPrice(limitOf, 1);
const dearestFirst = byPrice(limitOf, -1);
const lowestStop = byPrice(stopOf, 1);
const highestStop = byPrice(stopOf, -1);
const soonest: Compare = (one, other) => {
  const apart = (one.expiresAt?.getTime() ?? 0) - (other.expiresAt?.getTime() ?? 0);
  return apart === 0 ? byTime(one, other) : apart;
};
