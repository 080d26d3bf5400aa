import type { Decimal } from '../../platform/money.ts';
import type {
  OrderSide,
  OrderStatus,
  OrderType,
  TimeInForce,
} from '../../platform/prisma/enums.ts';

/** At which price and for how long an order is good. */
export interface OrderTerms {
  readonly side: OrderSide;
  readonly type: OrderType;
  readonly timeInForce: TimeInForce;
  /** The worst price that it may fill at; of LIMIT and STOP_LIMIT alone. */
  readonly limitPrice: Decimal | null;
  /**
   * The price that sets it off; of STOP, STOP_LIMIT and TRAILING_STOP alone. Of the last it is how
   * far the stop has come, and null as long as no price told where it begins.
   */
  readonly stopPrice: Decimal | null;
}

/** The best prices to sell and to buy at. */
export interface BestPrices {
  readonly bid: Decimal;
  readonly ask: Decimal;
}

const LIMITED: readonly OrderType[] = ['LIMIT', 'STOP_LIMIT'];
const STOPPED: readonly OrderType[] = ['STOP', 'STOP_LIMIT'];
const TRIGGERED_BY_PRICE: readonly OrderType[] = [...STOPPED, 'TRAILING_STOP'];
const IMMEDIATE: readonly TimeInForce[] = ['IOC', 'FOK'];
const ENDING: readonly TimeInForce[] = ['DAY', 'GTD'];

export const hasLimit = (type: OrderType): boolean => LIMITED.includes(type);
/** Whether its client names the price that sets it off. */
export const hasStop = (type: OrderType): boolean => STOPPED.includes(type);
/** Whether a price sets it off, named or trailed. */
export const hasTrigger = (type: OrderType): boolean => TRIGGERED_BY_PRICE.includes(type);
/** Fills at once or is canceled. */
export const isImmediate = (timeInForce: TimeInForce): boolean => IMMEDIATE.includes(timeInForce);
/** Ends by itself at a time. */
export const isEnding = (timeInForce: TimeInForce): boolean => ENDING.includes(timeInForce);

/** Whether it waits for its stop: nothing of it can be filled yet. */
export function isArmed({ type, status }: { type: OrderType; status: OrderStatus }): boolean {
  return hasTrigger(type) && status === 'ACCEPTED';
}

/** What the order would trade at: a buyer pays the ask, a seller gets the bid. */
export const farPrice = (side: OrderSide, { bid, ask }: BestPrices): Decimal =>
  side === 'BUY' ? ask : bid;

/**
 * Whether the prices set a stop off: the far side has touched it, or gapped through it. A stop
 * beyond which the price stands already when it is placed goes off at once.
 */
export function isTouched(
  { side, stopPrice }: Pick<OrderTerms, 'side' | 'stopPrice'>,
  prices: BestPrices,
): boolean {
  if (stopPrice === null) return false;
  const price = farPrice(side, prices);
  return side === 'BUY'
    ? price.greaterThanOrEqualTo(stopPrice)
    : price.lessThanOrEqualTo(stopPrice);
}

/** Whether a price is as good as the limit or better; true without a limit. */
export function isWithinLimit(
  { side, limitPrice }: Pick<OrderTerms, 'side' | 'limitPrice'>,
  price: Decimal,
): boolean {
  if (limitPrice === null) return true;
  return side === 'BUY'
    ? price.lessThanOrEqualTo(limitPrice)
    : price.greaterThanOrEqualTo(limitPrice);
}
