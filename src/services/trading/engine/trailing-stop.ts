import { Decimal } from '../../platform/money.ts';
import type { OrderSide } from '../../platform/prisma/enums.ts';
import { farPrice, type BestPrices } from './order-terms.ts';

/** How far behind the price a stop follows: one of the two is given, of TRAILING_STOP alone. */
export interface Trail {
  /** In the currency of the instrument. */
  readonly trailAmount: Decimal | null;
  /** Of the price; above 0 and below 100. */
  readonly trailPercent: Decimal | null;
}

type SidedTrail = Trail & { readonly side: OrderSide };

/** What a stop trails, its watermark: a sell the highest bid seen, a buy the lowest ask. */
export const trailedPrice = (side: OrderSide, prices: BestPrices): Decimal =>
  farPrice(side, prices);

/** Above 0 when `price` is a better watermark than `other`: higher for a sell, lower for a buy. */
export function compareWatermarks(side: OrderSide, price: Decimal, other: Decimal): number {
  const apart = new Decimal(price).cmp(other);
  return side === 'SELL' ? apart : -apart;
}

/** The greater of the two distances comes last: behind the same watermark, it goes off last. */
export function compareDistances(one: Trail, other: Trail): number {
  const [amount, otherAmount] = [one.trailAmount, other.trailAmount];
  if (amount && otherAmount) return new Decimal(amount).cmp(otherAmount);
  return new Decimal(one.trailPercent ?? 0).cmp(other.trailPercent ?? 0);
}

/**
 * The stop behind a watermark. On the tick, and rounded away from the market, so that it never
 * stands nearer than what was asked for. A better watermark never gives a worse stop.
 */
export function stopBehind(
  { side, trailAmount, trailPercent }: SidedTrail,
  watermark: Decimal,
  tickSize: Decimal,
): Decimal {
  const distance = trailAmount ?? shareOf(watermark, trailPercent);
  return side === 'SELL'
    ? toTick(new Decimal(watermark).minus(distance), tickSize, 'DOWN')
    : toTick(new Decimal(watermark).plus(distance), tickSize, 'UP');
}

/**
 * A watermark that a stop may have come from. The stop behind it is the same, and no price that
 * gave a better stop is worse than it: whoever knows the stop knows all that there is to know of
 * the past.
 */
export function watermarkBefore(
  { side, trailAmount, trailPercent }: SidedTrail,
  stopPrice: Decimal,
  tickSize: Decimal,
): Decimal {
  const isSell = side === 'SELL';
  if (trailAmount) {
    return isSell
      ? new Decimal(stopPrice).plus(trailAmount)
      : new Decimal(stopPrice).minus(trailAmount);
  }
  const percent = new Decimal(trailPercent ?? 0);
  const share = new Decimal(1).plus(percent.dividedBy(isSell ? -100 : 100));
  return toTick(new Decimal(stopPrice).dividedBy(share), tickSize, isSell ? 'UP' : 'DOWN');
}

/** Whether `stopPrice` is nearer to the market than `other`: what a trailing stop may become. */
export function isTighter(side: OrderSide, stopPrice: Decimal, other: Decimal | null): boolean {
  return other === null || compareWatermarks(side, stopPrice, other) > 0;
}

function shareOf(price: Decimal, percent: Decimal | null): Decimal {
  return new Decimal(price).times(percent ?? 0).dividedBy(100);
}

function toTick(price: Decimal, tickSize: Decimal, way: 'UP' | 'DOWN'): Decimal {
  const ticks = price.dividedBy(tickSize);
  return (way === 'UP' ? ticks.ceil() : ticks.floor()).times(tickSize);
}
