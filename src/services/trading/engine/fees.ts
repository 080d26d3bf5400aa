import { Decimal, toBookedCash } from '../../platform/money.ts';

/** What an instrument's venue takes. Later schedules (per share, a minimum) become fields of it. */
export interface FeeSchedule {
  /** Hundredths of a percent of the notional. */
  readonly feeBps: Decimal;
}

const BPS = 10_000;

/**
 * Fee of a trade over `notional` (price × quantity, not negative), as it is booked: rounded half-even
 * to the currency's minor unit.
 */
export function feeOf(notional: Decimal, { feeBps }: FeeSchedule, currency: string): Decimal {
  return toBookedCash(new Decimal(notional).times(feeBps).dividedBy(BPS), currency);
}
