import {
  consume,
  matchOrder,
  refreshLiquidity,
  type Demand,
  type Liquidity,
  type Match,
  type SlippageModel,
} from './engine/matching.ts';
import type { BestPrices } from './engine/order-terms.ts';
import type { Decimal } from '../platform/money.ts';
import type { OrderSide } from '../platform/prisma/enums.ts';
import type { Quote } from '../market/quote.ts';

/** What an instrument's newest quote still offers, after what fills took of it. */
export interface Offers {
  /** The newest prices; undefined when they are not fresh. */
  prices(): BestPrices | undefined;
  /** What fills an order now, with the quote behind it; undefined when nothing is on offer for it. */
  match(demand: Demand): (Match & { readonly quote: Quote }) | undefined;
  /** A fill was booked. */
  take(side: OrderSide, quantity: Decimal): void;
}

/** `quote` gives the newest quote if it is fresh. What was taken is forgotten with the process. */
export function createOffers({
  quote: newest,
  slippage,
}: {
  readonly quote: () => Quote | undefined;
  readonly slippage: SlippageModel;
}): Offers {
  let liquidity: Liquidity | undefined;
  return {
    prices: newest,
    match(demand) {
      const quote = newest();
      if (!quote) return undefined;
      liquidity = refreshLiquidity(liquidity, quote);
      const found = matchOrder(demand, liquidity, slippage);
      return found && { ...found, quote };
    },
    take(side, quantity) {
      if (liquidity) liquidity = consume(liquidity, side, quantity);
    },
  };
}
