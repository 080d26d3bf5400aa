import { Decimal, toBookedCash, ZERO } from '../../platform/money.ts';
import { feeOf, type FeeSchedule } from './fees.ts';

/** A market buy holds back this much of the quote, since the price may move before it fills. */
const MARKET_BUFFER = '1.05';

/** Cash that a market buy holds back until it fills: quote × 1.05 + fees (DOMAIN, "Accounts"). */
export function reserveOfMarketBuy(
  order: { readonly quantity: Decimal; readonly ask: Decimal },
  schedule: FeeSchedule,
  currency: string,
): Decimal {
  const notional = new Decimal(order.ask).times(MARKET_BUFFER).times(order.quantity);
  return toBookedCash(notional, currency).plus(feeOf(notional, schedule, currency));
}

/**
 * Cash that an order goes on to hold back after a fill: its share in proportion to what is left to
 * fill, and never more than `free`, the cash that no other order holds back once the fill is paid. A
 * fill above the buffer takes the difference from there, so that no account reserves what it lacks.
 */
export function reserveAfterFill({
  reserved,
  remaining,
  rest,
  free,
  currency,
}: {
  readonly reserved: Decimal;
  /** To fill before, and after. */
  readonly remaining: Decimal;
  readonly rest: Decimal;
  readonly free: Decimal;
  readonly currency: string;
}): Decimal {
  if (rest.isZero() || reserved.isZero()) return ZERO;
  const share = new Decimal(reserved).times(rest).dividedBy(remaining);
  return Decimal.min(toBookedCash(share, currency), free);
}
