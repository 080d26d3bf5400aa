import type { Decimal } from '../platform/money.ts';
import { farPrice, isArmed, isImmediate, isTouched, isWithinLimit } from './engine/order-terms.ts';
import { trailedPrice, type Trail } from './engine/trailing-stop.ts';
import { byPrice, byTime, createSortedOrders, type Compare } from './sorted-orders.ts';
import { createTouchedStops } from './touched-stops.ts';
import { createTrailingStops } from './trailing-stops.ts';
import type { BestPrices, OrderTerms } from './engine/order-terms.ts';
import type { Order } from '../platform/prisma/client.ts';

/** What is kept in memory of an order that can be filled; its row in the database decides. */
export type OpenOrder = OrderTerms &
  Trail &
  Pick<Order, 'id' | 'accountId' | 'instrumentId' | 'status' | 'createdAt' | 'expiresAt'> & {
    /** What is left to fill. */
    readonly remaining: Decimal;
  };

/**
 * The open orders of one instrument, ordered by what sets them to work, so that a quote that
 * reaches none of them costs a look at the first of each list, however many there are.
 */
export interface RestingOrders {
  /** `touchedAt`: when prices have last touched its stop, if they have. */
  add(order: OpenOrder, touchedAt?: Date): void;
  remove(order: OpenOrder): void;
  /**
   * Prices were seen at a time: trailing stops follow them, and stops that they touch go off, even
   * if nothing is looked for before the price is back.
   */
  see(prices: BestPrices, at: Date): void;
  /**
   * When prices have last touched the stop of an order that waits for that; undefined if they have
   * not.
   */
  touchedAt(orderId: string): Date | undefined;
  /**
   * Trailing stops that may have moved since this was last asked, each with its stop as it stands.
   */
  moved(): readonly OpenOrder[];
  /** The order as it stands: a trailing stop has moved since it was added. */
  standingOf(order: OpenOrder): OpenOrder;
  /**
   * Those that the prices reach: orders at the market and stops that were touched, the oldest
   * first, then limits from the best price, the oldest first among equals. Without prices, those
   * alone that do not wait for one.
   */
  reachedBy(prices: BestPrices | undefined): readonly OpenOrder[];
  /** Those that have ended by themselves by `now`. */
  expiredBy(now: Date): readonly OpenOrder[];
  /** When the next of them ends by itself; null when none does. */
  nextEnd(): Date | null;
}

export function createRestingOrders({ tickSize }: { readonly tickSize: Decimal }): RestingOrders {
  /** At the market. */
  const market = createSortedOrders(byTime);
  const immediate = createSortedOrders(byTime);
  const limits = { BUY: createSortedOrders(dearestFirst), SELL: createSortedOrders(cheapestFirst) };
  const { stops, trailing, touchedBy } = createArmedStops(tickSize);
  const ending = createSortedOrders(soonest);
  const touched = createTouchedStops();

  const listOf = (order: OpenOrder) => {
    if (isImmediate(order.timeInForce)) return immediate;
    if (isTrailing(order)) return trailing[order.side];
    if (isArmed(order)) return stops[order.side];
    return order.limitPrice === null ? market : limits[order.side];
  };

  const leave = (order: OpenOrder): void => {
    if (!touched.remove(order)) listOf(order).remove(order);
  };

  return {
    add(order, touchedAt) {
      if (touchedAt && isArmed(order)) touched.add(order, touchedAt);
      else listOf(order).add(order);
      if (order.expiresAt) ending.add(order);
    },
    remove(order) {
      leave(order);
      if (order.expiresAt) ending.remove(order);
    },
    see(prices, at) {
      trailing.BUY.follow(trailedPrice('BUY', prices));
      trailing.SELL.follow(trailedPrice('SELL', prices));
      touched.see(prices, at);
      for (const order of touchedBy(prices)) {
        leave(order);
        touched.add(order, at);
      }
    },
    touchedAt: (orderId) => touched.touchedAt(orderId),
    moved: () => [...trailing.BUY.moved(), ...trailing.SELL.moved()],
    standingOf(order) {
      const atTouch = touched.of(order.id);
      if (atTouch) return atTouch;
      const stopPrice = isTrailing(order) ? trailing[order.side].stopOf(order) : null;
      return stopPrice ? { ...order, stopPrice } : order;
    },
    reachedBy(prices) {
      const atOnce = immediate.while(() => true);
      if (!prices) return atOnce;
      const isInReach = (order: OpenOrder) => isWithinLimit(order, farPrice(order.side, prices));
      const atMarket = [
        ...atOnce,
        ...market.while(() => true),
        ...touched.all(),
        ...touchedBy(prices),
      ];
      return [
        ...(atMarket.length > 1 ? atMarket.sort(byTime) : atMarket),
        ...limits.BUY.while(isInReach),
        ...limits.SELL.while(isInReach),
      ];
    },
    nextEnd: () => ending.first?.expiresAt ?? null,
    expiredBy: (now) => ending.while(({ expiresAt }) => expiresAt !== null && expiresAt <= now),
  };
}

/** Stops that wait to be touched. */
function createArmedStops(tickSize: Decimal) {
  const stops = { BUY: createSortedOrders(lowestStop), SELL: createSortedOrders(highestStop) };
  const trailing = {
    BUY: createTrailingStops('BUY', tickSize),
    SELL: createTrailingStops('SELL', tickSize),
  };
  const touchedBy = (prices: BestPrices): readonly OpenOrder[] => {
    const isSetOff = (order: OpenOrder) => isTouched(order, prices);
    return [
      ...stops.BUY.while(isSetOff),
      ...stops.SELL.while(isSetOff),
      ...trailing.BUY.reachedBy(farPrice('BUY', prices)),
      ...trailing.SELL.reachedBy(farPrice('SELL', prices)),
    ];
  };
  return { stops, trailing, touchedBy };
}

/** Whether its stop moves. */
const isTrailing = (order: OpenOrder): boolean => order.type === 'TRAILING_STOP' && isArmed(order);

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
