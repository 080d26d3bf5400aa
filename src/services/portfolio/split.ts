import { Decimal, toColumn, ZERO } from '../platform/money.ts';
import type { Holding } from './position.ts';

export interface SplitTerms {
  readonly ratioFrom: Decimal;
  readonly ratioTo: Decimal;
  readonly lotSize: Decimal;
}

/** What a split makes of a holding; quantities are signed. */
export interface SplitEffect {
  /** What comes in, or goes, for nothing. */
  readonly change: Decimal;
  /** What is held after it, the fraction that is exchanged for cash already gone. */
  readonly quantityAfter: Decimal;
  /** What no lot can hold: it is given back for cash. With the sign of the holding. */
  readonly fraction: Decimal;
}

/**
 * `held` × to / from, of which whole lots stay. Example: 3 for 2 of 5, in lots of 1: 7.5, so 2.5
 * come in and 0.5 is exchanged for cash.
 */
export function splitOf(held: Decimal, { ratioFrom, ratioTo, lotSize }: SplitTerms): SplitEffect {
  const exact = toColumn(new Decimal(held).times(ratioTo).dividedBy(ratioFrom));
  const whole = new Decimal(exact.dividedToIntegerBy(lotSize)).times(lotSize);
  return { change: exact.minus(held), quantityAfter: whole, fraction: exact.minus(whole) };
}

/** A holding after a change of its quantity for nothing. */
export interface ChangedHolding extends Holding {
  /** What was really added; less than asked for where the holding would have crossed zero. */
  readonly change: Decimal;
  readonly realizedGross: Decimal;
}

/**
 * The holding with `change` more of it and the same cost. A holding that was sold down since the
 * split took effect may be less than what the split takes away: it ends at zero then, and its cost
 * is lost.
 */
export function changeHolding(holding: Holding, change: Decimal): ChangedHolding {
  const quantity = new Decimal(holding.quantity).plus(change);
  const crosses = new Decimal(holding.quantity).times(quantity).lessThanOrEqualTo(ZERO);
  if (holding.quantity.isZero() || !crosses) {
    return { ...holding, quantity, change, realizedGross: ZERO };
  }
  const realizedGross = ZERO.minus(holding.totalCost);
  return {
    quantity: ZERO,
    totalCost: ZERO,
    realizedPnl: new Decimal(holding.realizedPnl).plus(realizedGross),
    change: ZERO.minus(holding.quantity),
    realizedGross,
  };
}
