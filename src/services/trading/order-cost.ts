import type { Quote } from '../market/quote.ts';
import { Decimal } from '../platform/money.ts';
import type { Account, Instrument } from '../platform/prisma/client.ts';
import { feeOf } from './engine/fees.ts';
import { farPrice, type OrderTerms } from './engine/order-terms.ts';
import { slippedPrice } from './engine/slippage.ts';
import { minuteVolume, type QuoteSource } from './quote-source.ts';

/** What an order would cost; null without a price. */
export interface OrderCost {
  /** Its limit, or the far side of the quote with the slippage that the account pays there. */
  readonly price: Decimal | null;
  /** What of the price is slippage; null without a price. */
  readonly slippage: Decimal | null;
  /** Price × quantity. */
  readonly notional: Decimal | null;
  /** Of all of it in one fill. */
  readonly fee: Decimal | null;
}

/** The cost of an order as its account's models reckon it at a quote. */
export function costOf(
  order: Pick<OrderTerms, 'side' | 'limitPrice'> & { readonly quantity: Decimal },
  given: {
    readonly instrument: Instrument;
    readonly quote: Quote | undefined;
    readonly account: Account;
    readonly quotes: Pick<QuoteSource, 'recent'>;
  },
): OrderCost {
  const { side, quantity, limitPrice } = order;
  const { instrument, quote, account, quotes } = given;
  const quoted = limitPrice ?? (quote ? farPrice(side, quote) : null);
  if (!quoted) return { price: null, slippage: null, notional: null, fee: null };
  const volume = () => quote && minuteVolume(quotes, quote);
  const fill = { ...order, price: quoted, tickSize: instrument.tickSize, minuteVolume: volume };
  // At its limit an order pays no slippage: it would fill past it.
  const price = slippedPrice(fill, account);
  return {
    price,
    slippage: price.minus(quoted).abs(),
    notional: new Decimal(price).times(quantity),
    fee: feeOf({ quantity, price }, instrument, account),
  };
}
