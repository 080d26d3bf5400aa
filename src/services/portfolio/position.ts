import { Decimal, toBookedCash, ZERO } from '../platform/money.ts';
import type { OrderSide } from '../platform/prisma/enums.ts';

/** What is held of an instrument, at the cost that was booked for it. */
export interface Holding {
  /** Negative when short. */
  readonly quantity: Decimal;
  /** With the sign of the quantity. */
  readonly totalCost: Decimal;
  /** Booked since it was opened, before fees. */
  readonly realizedPnl: Decimal;
}

export interface Fill {
  readonly side: OrderSide;
  /** Positive. */
  readonly quantity: Decimal;
  /** Booked change of cash, fee not included: not positive for a buy, not negative for a sell. */
  readonly cashAmount: Decimal;
  /** Its minor unit is what cost and cash are rounded to. */
  readonly currency: string;
}

export interface FillResult {
  /** What the fill made of the position that was open, if one was; quantity 0 when it closed it. */
  readonly held: Holding | undefined;
  /** The position that the fill opened, if it did: from nothing, or beyond zero. */
  readonly opened: Holding | undefined;
  /** Profit that this fill booked, before fees. */
  readonly realizedGross: Decimal;
}

/**
 * What a fill does to a position, by average cost (DOMAIN, "Positions and P&L").
 *
 * - A fill in the position's direction adds its cash to the cost.
 * - A fill against it books a share of the cost in proportion to the quantity; the last one books
 *   all that is left, so that nothing stays behind through rounding.
 * - A fill that crosses zero is a fill that closes, at the old average, and one that opens, at the
 *   fill's price; the booked cash is split between them and their parts sum to it.
 *
 * In every case, to the last digit: change of cash = −(change of total cost) + realized.
 */
export function applyFill(position: Holding | undefined, fill: Fill): FillResult {
  refuseWrongSigns(fill);
  const quantity = new Decimal(fill.quantity);
  const signed = fill.side === 'BUY' ? quantity : quantity.negated();
  const cash = new Decimal(fill.cashAmount);
  if (!position || position.quantity.isZero()) {
    return { held: undefined, opened: open(signed, cash), realizedGross: ZERO };
  }
  const before = new Decimal(position.quantity);
  if (before.isPositive() === signed.isPositive()) {
    return { held: increase(position, signed, cash), opened: undefined, realizedGross: ZERO };
  }
  if (signed.abs().lessThanOrEqualTo(before.abs())) {
    return { ...reduce(position, signed, cash, fill.currency), opened: undefined };
  }
  const closing = before.negated();
  const share = cash.times(closing).dividedBy(signed);
  const closingCash = toBookedCash(share, fill.currency);
  return {
    ...reduce(position, closing, closingCash, fill.currency),
    opened: open(signed.minus(closing), cash.minus(closingCash)),
  };
}

/** Cost of one, unrounded; undefined when nothing is held. */
export function averageCostOf(
  position: Pick<Holding, 'quantity' | 'totalCost'>,
): Decimal | undefined {
  if (position.quantity.isZero()) return undefined;
  return new Decimal(position.totalCost).dividedBy(position.quantity);
}

function open(quantity: Decimal, cash: Decimal): Holding {
  return { quantity, totalCost: costOf(cash), realizedPnl: ZERO };
}

function increase(position: Holding, quantity: Decimal, cash: Decimal): Holding {
  return {
    quantity: new Decimal(position.quantity).plus(quantity),
    totalCost: new Decimal(position.totalCost).plus(costOf(cash)),
    realizedPnl: position.realizedPnl,
  };
}

/** `quantity` has the other sign than the position's, and is not more than it. */
function reduce(position: Holding, quantity: Decimal, cash: Decimal, currency: string) {
  const before = new Decimal(position.quantity);
  const rest = before.plus(quantity);
  const cost = new Decimal(position.totalCost);
  const share = cost.times(quantity).dividedBy(before).negated();
  const released = rest.isZero() ? cost : toBookedCash(share, currency);
  const realizedGross = cash.minus(released);
  return {
    held: {
      quantity: rest,
      totalCost: cost.minus(released),
      realizedPnl: new Decimal(position.realizedPnl).plus(realizedGross),
    },
    realizedGross,
  };
}

/** Paid cash is cost; `ZERO.minus`, since negating a zero gives a negative zero. */
function costOf(cash: Decimal): Decimal {
  return ZERO.minus(cash);
}

function refuseWrongSigns({ side, quantity, cashAmount }: Fill): void {
  const isPaid = side === 'BUY';
  const isWrong = isPaid ? cashAmount.greaterThan(ZERO) : cashAmount.lessThan(ZERO);
  if (!quantity.greaterThan(ZERO) || !cashAmount.isFinite() || isWrong) {
    throw new Error(
      `A ${side} of ${quantity.toFixed()} cannot change cash by ${cashAmount.toFixed()}.`,
    );
  }
}
