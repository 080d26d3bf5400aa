import { Decimal } from '../../platform/money.ts';
import type { Account } from '../../platform/prisma/client.ts';
import type { OrderSide } from '../../platform/prisma/enums.ts';
import { isWithinLimit } from './order-terms.ts';

/** How much worse than the quote an account's fills are. */
export type SlippageTerms = Pick<Account, 'slippageModel' | 'slippageBps'>;

/** A fill at what is quoted, before slippage. */
export interface QuotedFill {
  readonly side: OrderSide;
  /** What is quoted on the far side. */
  readonly price: Decimal;
  readonly quantity: Decimal;
  readonly limitPrice: Decimal | null;
  readonly tickSize: Decimal;
  /**
   * What traded in the minute up to the quote; asked by VOLUME_SHARE alone. Undefined, like nothing
   * at all, counts as so little that the order is the largest share there is: a cost is never
   * understated.
   */
  readonly minuteVolume: () => Decimal | undefined;
}

const BPS = 10_000;
/**
 * Of DOMAIN, "Paper fills", as Zipline has them: price impact, and the largest share that counts.
 */
const PRICE_IMPACT = '0.1';
const SHARE_MAX = '0.025';

/**
 * Price of a fill after slippage: never better than the quote and never worse than the limit, and
 * on the tick, rounded against the order. A seller gets one tick at least.
 */
export function slippedPrice(fill: QuotedFill, terms: SlippageTerms): Decimal {
  const price = new Decimal(fill.price);
  const share = slippageShare(fill, terms);
  if (share.isZero()) return price;
  const { side, tickSize, limitPrice } = fill;
  const isBuy = side === 'BUY';
  const exact = price.times(share.times(isBuy ? 1 : -1).plus(1));
  const rounding = isBuy ? Decimal.ROUND_UP : Decimal.ROUND_DOWN;
  const ticks = exact.dividedBy(tickSize).toDecimalPlaces(0, rounding);
  const onTick = Decimal.max(ticks, 1).times(tickSize);
  // A quote that is between two ticks may be rounded past itself.
  const worst = isBuy ? Decimal.max(onTick, price) : Decimal.min(onTick, price);
  if (limitPrice === null || isWithinLimit({ side, limitPrice }, worst)) return worst;
  return new Decimal(limitPrice);
}

/** What the price is worse by, as a share of it. */
function slippageShare(
  { quantity, minuteVolume }: Pick<QuotedFill, 'quantity' | 'minuteVolume'>,
  { slippageModel, slippageBps }: SlippageTerms,
): Decimal {
  switch (slippageModel) {
    case 'NONE':
      return new Decimal(0);
    case 'FIXED_BPS':
      return new Decimal(slippageBps).dividedBy(BPS);
    case 'VOLUME_SHARE': {
      const volume = minuteVolume();
      const share = volume?.greaterThan(0) === true ? quantity.dividedBy(volume) : SHARE_MAX;
      return Decimal.min(share, SHARE_MAX).pow(2).times(PRICE_IMPACT);
    }
  }
}
