import { Decimal } from '../platform/money.ts';
import type { OpenOrder } from './resting-orders.ts';

export type Compare = (one: OpenOrder, other: OpenOrder) => number;

/** Orders in an order of their own, found by halving. */
export interface SortedOrders {
  readonly size: number;
  readonly first: OpenOrder | undefined;
  add(order: OpenOrder): void;
  remove(order: OpenOrder): void;
  /** Those at the front for which it holds. */
  while(holds: (order: OpenOrder) => boolean): OpenOrder[];
}

export function createSortedOrders(compare: Compare): SortedOrders {
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
    get size() {
      return orders.length;
    },
    get first() {
      return orders[0];
    },
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

export const byTime: Compare = (one, other) => {
  const apart = one.createdAt.getTime() - other.createdAt.getTime();
  if (apart !== 0) return apart;
  if (one.id === other.id) return 0;
  return one.id < other.id ? -1 : 1;
};

export const byPrice =
  (priceOf: (order: OpenOrder) => Decimal | null, sign: 1 | -1): Compare =>
  (one, other) => {
    const [price, otherPrice] = [priceOf(one), priceOf(other)];
    const apart = price && otherPrice ? new Decimal(price).cmp(otherPrice) : 0;
    return apart === 0 ? byTime(one, other) : apart * sign;
  };
