import {
  compareDistances,
  compareWatermarks,
  stopBehind,
  watermarkBefore,
} from './engine/trailing-stop.ts';
import { byTime, createSortedOrders, type Compare, type SortedOrders } from './sorted-orders.ts';
import type { Decimal } from '../platform/money.ts';
import type { OrderSide } from '../platform/prisma/enums.ts';
import type { OpenOrder } from './resting-orders.ts';

/**
 * The trailing stops of one side of an instrument. Orders with the same watermark are kept as one level, in
 * the order of their distances, so that a new best price moves the stops of all of them at once. Levels
 * are piled by watermark: only the last, nearest to the price, can move; those above stand still until
 * the price comes back to them, and are one level with it from then on.
 */
export interface TrailingStops {
  add(order: OpenOrder): void;
  remove(order: OpenOrder): void;
  /** A price was seen: the stops that trail it follow. */
  follow(price: Decimal): void;
  /** Those that the price sets off, each with its stop as it stands. */
  reachedBy(price: Decimal): OpenOrder[];
  /** The stop of an order as it stands; null while no price was seen, and for one that is not here. */
  stopOf(order: OpenOrder): Decimal | null;
  /** Those whose stop may have moved since this was last asked. Never more than are here. */
  moved(): OpenOrder[];
}

interface Level {
  watermark: Decimal;
  readonly byAmount: SortedOrders;
  readonly byPercent: SortedOrders;
  /** The stop nearest to the market. */
  nearest: Decimal;
  isMoved: boolean;
}

const byDistance: Compare = (one, other) => compareDistances(one, other) || byTime(one, other);
const listIn = (level: Level, { trailAmount }: OpenOrder): SortedOrders =>
  trailAmount ? level.byAmount : level.byPercent;
const all = (level: Level): OpenOrder[] =>
  [level.byAmount, level.byPercent].flatMap((orders) => orders.while(() => true));
const sizeOf = ({ byAmount, byPercent }: Level): number => byAmount.size + byPercent.size;

export function createTrailingStops(side: OrderSide, tickSize: Decimal): TrailingStops {
  /** From the best watermark to the one nearest to the price. */
  const levels: Level[] = [];
  /** All but the last of them, from the stop nearest to the market on. */
  const standing: Level[] = [];
  const levelOf = new Map<string, Level>();
  const unpriced = new Map<string, OpenOrder>();

  const stopAt = (watermark: Decimal, order: OpenOrder) => stopBehind(order, watermark, tickSize);
  const isTouched = (stop: Decimal, price: Decimal) => compareWatermarks(side, price, stop) <= 0;

  /** After its orders or its watermark changed. */
  const reckonNearest = (level: Level): void => {
    const stops = [level.byAmount.first, level.byPercent.first].flatMap((order) =>
      order ? [stopAt(level.watermark, order)] : [],
    );
    const [first, second] = stops;
    if (!first) return;
    level.nearest = second && compareWatermarks(side, second, first) > 0 ? second : first;
  };
  const leave = (level: Level): void => {
    const place = standing.indexOf(level);
    if (place >= 0) standing.splice(place, 1);
  };
  const stand = (level: Level): void => {
    leave(level);
    if (level === levels.at(-1)) return;
    const place = firstPlace(
      standing,
      ({ nearest }) => compareWatermarks(side, nearest, level.nearest) <= 0,
    );
    standing.splice(place, 0, level);
  };
  const pile = (watermark: Decimal): Level => {
    const place = firstPlace(
      levels,
      (level) => compareWatermarks(side, level.watermark, watermark) <= 0,
    );
    const found = levels[place];
    if (found?.watermark.equals(watermark)) return found;
    const lists = {
      byAmount: createSortedOrders(byDistance),
      byPercent: createSortedOrders(byDistance),
    };
    const level = { watermark, ...lists, nearest: watermark, isMoved: false };
    const last = levels.at(-1);
    levels.splice(place, 0, level);
    if (last && place === levels.length - 1) stand(last);
    return level;
  };
  const put = (order: OpenOrder, level: Level): void => {
    listIn(level, order).add(order);
    levelOf.set(order.id, level);
  };
  const removeLevel = (level: Level): void => {
    leave(level);
    levels.splice(levels.indexOf(level), 1);
    const last = levels.at(-1);
    if (last) leave(last);
  };
  /** The smaller of the two joins the other. */
  const join = (one: Level, other: Level): Level => {
    const [kept, joined] = sizeOf(one) >= sizeOf(other) ? [one, other] : [other, one];
    for (const order of all(joined)) put(order, kept);
    return kept;
  };

  const add = (order: OpenOrder, watermark: Decimal): void => {
    const level = pile(watermark);
    put(order, level);
    reckonNearest(level);
    stand(level);
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
      if (sizeOf(level) === 0) removeLevel(level);
      else {
        reckonNearest(level);
        stand(level);
      }
    },
    follow(price) {
      for (const order of unpriced.values()) {
        add(order, price);
        const level = levelOf.get(order.id);
        if (level) level.isMoved = true;
      }
      unpriced.clear();
      let last = levels.at(-1);
      if (!last || compareWatermarks(side, price, last.watermark) <= 0) return;
      for (;;) {
        const above = levels.at(-2);
        if (!above || compareWatermarks(side, price, above.watermark) < 0) break;
        levels.splice(-2);
        leave(above);
        last = join(above, last);
        levels.push(last);
      }
      last.watermark = price;
      last.isMoved = true;
      reckonNearest(last);
    },
    reachedBy(price) {
      const reached: Level[] = [];
      for (const level of standing) {
        if (!isTouched(level.nearest, price)) break;
        reached.push(level);
      }
      const last = levels.at(-1);
      if (last && isTouched(last.nearest, price)) reached.push(last);
      return reached.flatMap(({ watermark, byAmount, byPercent }) =>
        [byAmount, byPercent].flatMap((orders) =>
          orders
            .while((order) => isTouched(stopAt(watermark, order), price))
            .map((order) => ({ ...order, stopPrice: stopAt(watermark, order) })),
        ),
      );
    },
    stopOf(order) {
      const level = levelOf.get(order.id);
      return level ? stopAt(level.watermark, order) : null;
    },
    moved() {
      return levels.flatMap((level) => {
        if (!level.isMoved) return [];
        level.isMoved = false;
        return all(level).map((order) => ({ ...order, stopPrice: stopAt(level.watermark, order) }));
      });
    },
  };
}

/** The first place from which on it holds. */
function firstPlace<Item>(items: readonly Item[], holds: (item: Item) => boolean): number {
  let [low, high] = [0, items.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const item = items[middle];
    if (item !== undefined && holds(item)) high = middle;
    else low = middle + 1;
  }
  return low;
}
