import { compareWatermarks, stopBehind, watermarkBefore } from './engine/trailing-stop.ts';
import {
  createTrailingLevels,
  frontOf,
  isTouchedBy,
  listIn,
  sizeOf,
  type TrailingLevel,
} from './trailing-levels.ts';
import type { Decimal } from '../platform/money.ts';
import type { OrderSide } from '../platform/prisma/enums.ts';
import type { OpenOrder } from './resting-orders.ts';

/**
 * The trailing stops of one side of an instrument. Orders with the same watermark are kept as one
 * level, so that a new best price moves the stops of all of them at once: a quote costs the same
 * however many follow it. A price that comes back to a level joins it with those that it led there.
 */
export interface TrailingStops {
  add(order: OpenOrder): void;
  remove(order: OpenOrder): void;
  /** A price was seen: the stops that trail it follow. */
  follow(price: Decimal): void;
  /** Those that the price sets off, each with its stop as it stands. */
  reachedBy(price: Decimal): OpenOrder[];
  /**
   * The stop of an order as it stands; null while no price was seen, and for one that is not here.
   */
  stopOf(order: OpenOrder): Decimal | null;
  /** Those whose stop may have moved since this was last asked. Never more than are here. */
  moved(): OpenOrder[];
}

export function createTrailingStops(side: OrderSide, tickSize: Decimal): TrailingStops {
  const levels = createTrailingLevels(side, tickSize);
  const levelOf = new Map<string, TrailingLevel>();
  const unpriced = new Map<string, OpenOrder>();

  const stopIn = ({ watermark }: TrailingLevel, order: OpenOrder) =>
    stopBehind(order, watermark, tickSize);
  const asItStands = (level: TrailingLevel, order: OpenOrder): OpenOrder => ({
    ...order,
    stopPrice: stopIn(level, order),
  });
  const put = (order: OpenOrder, level: TrailingLevel): void => {
    listIn(level, order).add(order);
    levelOf.set(order.id, level);
  };
  const add = (order: OpenOrder, watermark: Decimal): TrailingLevel => {
    const level = levels.at(watermark);
    put(order, level);
    levels.arrange(level);
    return level;
  };
  /** Joins the last level with those above that the price has come back to. */
  const join = (price: Decimal): void => {
    for (let last = levels.last; last; last = levels.last) {
      const above = levels.all.at(-2);
      if (!above || compareWatermarks(side, price, above.watermark) < 0) return;
      const [kept, joined] = sizeOf(above) >= sizeOf(last) ? [above, last] : [last, above];
      for (const order of frontOf(joined)) put(order, kept);
      levels.joinLastTwo(kept);
    }
  };

  return {
    add(order) {
      if (order.stopPrice) add(order, watermarkBefore(order, order.stopPrice, tickSize));
      else unpriced.set(order.id, order);
    },
    remove(order) {
      unpriced.delete(order.id);
      const level = levelOf.get(order.id);
      if (!level) return;
      levelOf.delete(order.id);
      listIn(level, order).remove(order);
      if (sizeOf(level) === 0) levels.remove(level);
      else levels.arrange(level);
    },
    follow(price) {
      for (const order of unpriced.values()) add(order, price).isMoved = true;
      unpriced.clear();
      const { last } = levels;
      if (!last || compareWatermarks(side, price, last.watermark) <= 0) return;
      join(price);
      levels.lead(price);
    },
    reachedBy: (price) =>
      levels
        .touchedBy(price)
        .flatMap((level) =>
          frontOf(level, (order) => isTouchedBy(side, stopIn(level, order), price)).map((order) =>
            asItStands(level, order),
          ),
        ),
    stopOf(order) {
      const level = levelOf.get(order.id);
      return level ? stopIn(level, order) : null;
    },
    moved() {
      const moved = levels.all.filter(({ isMoved }) => isMoved);
      for (const level of moved) level.isMoved = false;
      return moved.flatMap((level) => frontOf(level).map((order) => asItStands(level, order)));
    },
  };
}
