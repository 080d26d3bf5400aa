import { Decimal, toBookedCash, ZERO } from '../../platform/money.ts';
import type { Account, Instrument } from '../../platform/prisma/client.ts';

/** What an instrument's venue takes: of the notional, for each unit, and at least. */
export type FeeSchedule = Pick<Instrument, 'feeBps' | 'feePerUnit' | 'feeMinimum'>;

const BPS = 10_000;

/**
 * Fee of one fill as it is booked, rounded half-even to the currency's minor unit: hundredths of a
 * percent of the notional and an amount per unit, and never less than the minimum of a fill;
 * nothing where the account's model is NONE.
 */
export function feeOf(
  { quantity, price }: { readonly quantity: Decimal; readonly price: Decimal },
  { feeBps, feePerUnit, feeMinimum }: FeeSchedule,
  { currency, feeModel }: Pick<Account, 'currency' | 'feeModel'>,
): Decimal {
  if (feeModel === 'NONE') return ZERO;
  const ofNotional = new Decimal(quantity).times(price).times(feeBps).dividedBy(BPS);
  const ofUnits = new Decimal(quantity).times(feePerUnit);
  return toBookedCash(Decimal.max(ofNotional.plus(ofUnits), feeMinimum), currency);
}
