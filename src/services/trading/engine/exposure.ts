import { Decimal, ZERO } from '../../platform/money.ts';
import type { OrderSide } from '../../platform/prisma/enums.ts';

/** What an account has of an instrument, and what its open orders may add to it or take from it. */
export interface Holding {
  /** Negative when short. */
  readonly held: Decimal;
  /** Left to fill in open orders. */
  readonly buying: Decimal;
  readonly selling: Decimal;
  /** Cash that it holds back while it is short. */
  readonly shortReserve: Decimal;
}

/**
 * How much of what is held an order of that side can close: a sale what is held, a purchase a
 * short.
 */
export function closableOf(side: OrderSide, held: Decimal): Decimal {
  return Decimal.max(ZERO, side === 'SELL' ? held : new Decimal(held).negated());
}

/** How much of `quantity` opens a position, or makes one larger. */
export function openingOf(side: OrderSide, quantity: Decimal, held: Decimal): Decimal {
  return Decimal.max(ZERO, new Decimal(quantity).minus(closableOf(side, held)));
}

/** What a new order finds: the open ones of its side come before it. */
function heldThen(side: OrderSide, { held, buying, selling }: Holding): Decimal {
  return side === 'SELL' ? new Decimal(held).minus(selling) : new Decimal(held).plus(buying);
}

/** How much an order of that side can close of what no open order closes already. */
export function closableBy(side: OrderSide, holding: Holding): Decimal {
  return closableOf(side, heldThen(side, holding));
}

/** How much of `quantity` would open a position, or make one larger. */
export function openedBy(side: OrderSide, quantity: Decimal, holding: Holding): Decimal {
  return openingOf(side, quantity, heldThen(side, holding));
}

/** What would be held if the order and all open ones of its side were filled. */
export function heldAfter(side: OrderSide, quantity: Decimal, holding: Holding): Decimal {
  const then = heldThen(side, holding);
  return side === 'BUY' ? then.plus(quantity) : then.minus(quantity);
}
