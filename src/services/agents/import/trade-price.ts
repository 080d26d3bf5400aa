import { Decimal, ZERO } from '../../platform/money.ts';
import type { Exchange } from '../../market/import/exchange.ts';

/** Part of a tick within which a price is taken for the tick: 0.000001 for a tick of 0.0001. */
const NOISE_TICKS = new Decimal('0.01');
/**
 * The records of coins round cash to four decimals after each trade: the change of it is off by
 * one.
 */
const CRYPTO_CASH_NOISE = new Decimal('0.0001');

export interface PaidTrade {
  /** What it took or brought: positive. */
  readonly paid: Decimal;
  readonly quantity: Decimal;
  /** Prices that it may have been at: the one the row states, and the open of its bar. */
  readonly candidates: readonly (Decimal | undefined)[];
}

/**
 * The price of a trade out of the change of cash. Where the files round cash, one of the candidates
 * is the price if it explains the change to the last digit that the files keep.
 */
export function priceOf(
  { paid, quantity, candidates }: PaidTrade,
  { name, tickSize }: Exchange,
): Decimal {
  const noise = name === 'CRYPTO' ? CRYPTO_CASH_NOISE : ZERO;
  const candidate = candidates.find(
    (price) => price && price.times(quantity).minus(paid).abs().lessThanOrEqualTo(noise),
  );
  return candidate ?? withoutFloatNoise(paid.dividedBy(quantity), tickSize);
}

/**
 * A price is |Δcash| / amount, and the files keep cash as sums of binary fractions, such as
 * 257.99299999999994. A price within a hundredth of a tick of a tick is that tick; any other is kept
 * as it is, since it was no price of the exchange to begin with.
 */
export function withoutFloatNoise(price: Decimal, tickSize: Decimal): Decimal {
  const nearest = price.toNearest(tickSize);
  const isNoise = nearest.minus(price).abs().lessThanOrEqualTo(tickSize.times(NOISE_TICKS));
  return isNoise && !nearest.isZero() ? nearest : price;
}
