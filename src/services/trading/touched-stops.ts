import { isTouched, type BestPrices } from './engine/order-terms.ts';
import type { OpenOrder } from './resting-orders.ts';

/**
 * Stops that prices have touched, until they are tried: each goes off, wherever the price is by
 * then.
 */
export interface TouchedStops {
  /** An order with its stop as it stands, which prices touched at a time. */
  add(order: OpenOrder, at: Date): void;
  /** False when it is not here. */
  remove(order: OpenOrder): boolean;
  /** Prices were seen: those that they touch were touched by them last. */
  see(prices: BestPrices, at: Date): void;
  touchedAt(orderId: string): Date | undefined;
  /** The order with its stop as it stood when it was touched. */
  of(orderId: string): OpenOrder | undefined;
  all(): readonly OpenOrder[];
}

export function createTouchedStops(): TouchedStops {
  const touches = new Map<string, { readonly order: OpenOrder; at: Date }>();
  return {
    add: (order, at) => void touches.set(order.id, { order, at }),
    remove: ({ id }) => touches.delete(id),
    see(prices, at) {
      for (const touch of touches.values()) if (isTouched(touch.order, prices)) touch.at = at;
    },
    touchedAt: (orderId) => touches.get(orderId)?.at,
    of: (orderId) => touches.get(orderId)?.order,
    all: () => [...touches.values()].map(({ order }) => order),
  };
}
