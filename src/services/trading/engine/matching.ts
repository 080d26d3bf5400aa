import { Decimal, ZERO } from '../../platform/money.ts';
import type { OrderSide } from '../../platform/prisma/enums.ts';

/** The prices to fill at, and how much of each there is. */
export interface TopOfBook {
  readonly bid: Decimal;
  readonly ask: Decimal;
  readonly bidSize: Decimal;
  readonly askSize: Decimal;
}

/** One side of the book: its price, the size it was quoted with, and what fills took of it. */
interface SideLiquidity {
  readonly price: Decimal;
  readonly size: Decimal;
  readonly consumed: Decimal;
}

/** What an instrument's quote still offers: consumed liquidity is remembered until it changes. */
export interface Liquidity {
  readonly bid: SideLiquidity;
  readonly ask: SideLiquidity;
}

/** Price of a fill after slippage, never better than `price`. Models are pluggable. */
export type SlippageModel = (fill: {
  readonly side: OrderSide;
  readonly price: Decimal;
  readonly quantity: Decimal;
}) => Decimal;

/** The model `none`: a fill pays the quote. */
export const noSlippage: SlippageModel = ({ price }) => price;

export interface Match {
  readonly quantity: Decimal;
  readonly price: Decimal;
}

/**
 * Liquidity of the newest quote. A side that shows the same price and size as before is the same
 * offer, however often it is repeated: what was taken of it stays taken.
 */
export function refreshLiquidity(known: Liquidity | undefined, quote: TopOfBook): Liquidity {
  return {
    bid: refreshSide(known?.bid, quote.bid, quote.bidSize),
    ask: refreshSide(known?.ask, quote.ask, quote.askSize),
  };
}

function refreshSide(
  known: SideLiquidity | undefined,
  price: Decimal,
  size: Decimal,
): SideLiquidity {
  const isSame = known?.price.equals(price) === true && known.size.equals(size);
  return isSame ? known : { price, size, consumed: ZERO };
}

/**
 * Fill of a market order against the far side: the ask for a buy, the bid for a sell. As much as is
 * left there, in whole lots; undefined when that is nothing.
 */
export function matchMarket(
  order: { readonly side: OrderSide; readonly remaining: Decimal; readonly lotSize: Decimal },
  liquidity: Liquidity,
  slippage: SlippageModel,
): Match | undefined {
  const { side, remaining, lotSize } = order;
  const { price, size, consumed } = farSide(side, liquidity);
  const available = Decimal.min(remaining, new Decimal(size).minus(consumed));
  const quantity = available.minus(available.mod(lotSize));
  if (!quantity.greaterThan(ZERO)) return undefined;
  return { quantity, price: slippage({ side, price: new Decimal(price), quantity }) };
}

/** What is left after a fill of `quantity` was booked. */
export function consume(liquidity: Liquidity, side: OrderSide, quantity: Decimal): Liquidity {
  const taken = farSide(side, liquidity);
  const left = { ...taken, consumed: taken.consumed.plus(quantity) };
  return side === 'BUY' ? { ...liquidity, ask: left } : { ...liquidity, bid: left };
}

function farSide(side: OrderSide, { bid, ask }: Liquidity): SideLiquidity {
  return side === 'BUY' ? ask : bid;
}
