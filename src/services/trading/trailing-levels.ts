import { compareDistances, compareWatermarks, stopBehind } from './engine/trailing-stop.ts';
import { byTime, createSortedOrders, type Compare, type SortedOrders } from './sorted-orders.ts';
import type { Decimal } from '../platform/money.ts';
import type { OrderSide } from '../platform/prisma/enums.ts';
import type { OpenOrder } from './resting-orders.ts';

/** Trailing stops with the same watermark, in the order of their distances. */
export interface TrailingLevel {
  watermark: Decimal;
  readonly byAmount: SortedOrders;
  readonly byPercent: SortedOrders;
  /** The stop nearest to the market. */
  nearest: Decimal;
  /** Whether its stops have moved since this was last looked at. */
  isMoved: boolean;
}

/**
 * Levels piled by watermark, from the best to the one nearest to the price. Only that last one can
 * move; those above stand still until the price comes back to them.
 */
export interface TrailingLevels {
  /** From the best watermark on. */
  readonly all: readonly TrailingLevel[];
  readonly last: TrailingLevel | undefined;
  /** The level of a watermark, made if there is none. */
  at(watermark: Decimal): TrailingLevel;
  /** After its orders or its watermark changed: where it stands among those that stand still. */
  arrange(level: TrailingLevel): void;
  /** A better price was seen: the last level follows it. */
  lead(watermark: Decimal): void;
  /** The last two are one from now on, `joined`, one of them. */
  joinLastTwo(joined: TrailingLevel): void;
  remove(level: TrailingLevel): void;
  /** Those with a stop that the price touches. */
  touchedBy(price: Decimal): readonly TrailingLevel[];
}

const byDistance: Compare = (one, other) => compareDistances(one, other) || byTime(one, other);

/** Where an order of the level is kept. */
export const listIn = (level: TrailingLevel, { trailAmount }: OpenOrder): SortedOrders =>
  trailAmount ? level.byAmount : level.byPercent;

/** Its orders, or of each list those at the front for which it holds. */
export const frontOf = (
  { byAmount, byPercent }: TrailingLevel,
  holds: (order: OpenOrder) => boolean = () => true,
): OpenOrder[] => [byAmount, byPercent].flatMap((orders) => orders.while(holds));

export const sizeOf = ({ byAmount, byPercent }: TrailingLevel): number =>
  byAmount.size + byPercent.size;

/** Whether a price sets off a stop of that side. */
export const isTouchedBy = (side: OrderSide, stop: Decimal, price: Decimal): boolean =>
  compareWatermarks(side, price, stop) <= 0;

export function createTrailingLevels(side: OrderSide, tickSize: Decimal): TrailingLevels {
  const levels: TrailingLevel[] = [];
  /** All but the last of them, from the stop nearest to the market on. */
  const standing: TrailingLevel[] = [];

  const isWorse = (price: Decimal, other: Decimal) => compareWatermarks(side, price, other) <= 0;
  const leave = (level: TrailingLevel): void => {
    const place = standing.indexOf(level);
    if (place >= 0) standing.splice(place, 1);
  };
  const stand = (level: TrailingLevel): void => {
    leave(level);
    if (level === levels.at(-1)) return;
    standing.splice(
      firstPlace(standing, ({ nearest }) => isWorse(nearest, level.nearest)),
      0,
      level,
    );
  };
  const remove = (level: TrailingLevel): void => {
    leave(level);
    levels.splice(levels.indexOf(level), 1);
    const last = levels.at(-1);
    if (last) leave(last);
  };

  const arrange = (level: TrailingLevel): void => {
    level.nearest = nearestOf(level, { side, tickSize });
    stand(level);
  };

  return {
    all: levels,
    get last() {
      return levels.at(-1);
    },
    at(watermark) {
      const place = firstPlace(levels, (level) => isWorse(level.watermark, watermark));
      const found = levels[place];
      if (found?.watermark.equals(watermark)) return found;
      const level = newLevel(watermark);
      const last = levels.at(-1);
      levels.splice(place, 0, level);
      if (last && level === levels.at(-1)) stand(last);
      return level;
    },
    arrange,
    lead(watermark) {
      const last = levels.at(-1);
      if (!last) return;
      last.watermark = watermark;
      last.isMoved = true;
      arrange(last);
    },
    joinLastTwo(joined) {
      for (const level of levels.splice(-2, 2, joined)) leave(level);
    },
    remove,
    touchedBy(price) {
      const place = firstPlace(standing, ({ nearest }) => !isTouchedBy(side, nearest, price));
      const last = levels.at(-1);
      const isLast = last && isTouchedBy(side, last.nearest, price);
      return [...standing.slice(0, place), ...(isLast ? [last] : [])];
    },
  };
}

function newLevel(watermark: Decimal): TrailingLevel {
  const lists = {
    byAmount: createSortedOrders(byDistance),
    byPercent: createSortedOrders(byDistance),
  };
  return { watermark, ...lists, nearest: watermark, isMoved: false };
}

function nearestOf(
  { byAmount, byPercent, watermark }: TrailingLevel,
  { side, tickSize }: { readonly side: OrderSide; readonly tickSize: Decimal },
): Decimal {
  const [first, second] = [byAmount.first, byPercent.first].flatMap((order) =>
    order ? [stopBehind(order, watermark, tickSize)] : [],
  );
  if (!first || !second) return first ?? watermark;
  return compareWatermarks(side, second, first) > 0 ? second : first;
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
