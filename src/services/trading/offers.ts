import {
  consume,
  isSameOffer,
  matchOrder,
  refreshLiquidity,
  type Demand,
  type Liquidity,
  type Match,
} from './engine/matching.ts';
import { slippedPrice } from './engine/slippage.ts';
import type { BestPrices } from './engine/order-terms.ts';
import type { Decimal } from '../platform/money.ts';
import type { Account } from '../platform/prisma/client.ts';
import type { OrderSide } from '../platform/prisma/enums.ts';
import type { Quote } from '../market/quote.ts';

/** What fills on paper are reckoned with; chosen for each account. */
export type FillModels = Pick<
  Account,
  'slippageModel' | 'slippageBps' | 'feeModel' | 'liquidityModel' | 'latencyMs'
>;

/** A fill at a quote: its price has the slippage in it, which is that much for each unit. */
export type QuotedMatch = Match & { readonly slippage: Decimal; readonly quote: Quote };

/** What an instrument's newest quote still offers, after what fills took of it. */
export interface Offers {
  /** The newest prices; undefined when they are not fresh, or the market is closed. */
  prices(): BestPrices | undefined;
  /** Whether anything is on offer for an order now. */
  isOffered(demand: Demand): boolean;
  /** What fills an order of an account now; undefined when nothing is on offer for it. */
  match(
    demand: Omit<Demand, 'liquidityModel'> & { readonly tickSize: Decimal },
    models: FillModels,
  ): QuotedMatch | undefined;
  /**
   * A fill counts against what is quoted. The answer gives it back, as long as the same is still on
   * offer: for one that was not booked after all.
   */
  take(side: OrderSide, quantity: Decimal): () => void;
}

export interface OffersPorts {
  /** The newest quote, if orders fill at it. */
  readonly quote: () => Quote | undefined;
  /** What traded in the minute up to a quote, as far as is known. */
  readonly minuteVolume: (quote: Quote) => Decimal | undefined;
}

/** What was taken is forgotten with the process. */
export function createOffers({ quote: newest, minuteVolume }: OffersPorts): Offers {
  let liquidity: Liquidity | undefined;

  const matchAt = (quote: Quote, demand: Demand): Match | undefined => {
    liquidity = refreshLiquidity(liquidity, quote);
    return matchOrder(demand, liquidity);
  };

  return {
    prices: newest,
    isOffered(demand) {
      const quote = newest();
      return quote !== undefined && matchAt(quote, demand) !== undefined;
    },
    match(demand, models) {
      const quote = newest();
      const found = quote && matchAt(quote, { ...demand, ...models });
      if (!found) return undefined;
      const fill = { ...demand, ...found, minuteVolume: () => minuteVolume(quote) };
      const price = slippedPrice(fill, models);
      return { ...found, price, slippage: price.minus(found.price).abs(), quote };
    },
    take(side, quantity) {
      const before = liquidity;
      if (!before) return () => undefined;
      liquidity = consume(before, side, quantity);
      return () => {
        if (liquidity && isSameOffer(side, before, liquidity)) {
          liquidity = consume(liquidity, side, quantity.negated());
        }
      };
    },
  };
}
