import { Decimal, ZERO } from '../../platform/money.ts';
import type { OrderSide } from '../../platform/prisma/enums.ts';
import { isWithinLimit } from './order-terms.ts';

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

/** What of an order decides what fills it now. */
export interface Demand {
  readonly side: OrderSide;
  /** What is left to fill. */
  readonly remaining: Decimal;
  readonly lotSize: Decimal;
  /** The worst price; null for none. */
  readonly limitPrice: Decimal | null;
  /** Whether all of it is filled at once, or nothing. */
  readonly isAllOrNone: boolean;
}

/**
 * Fill of an order against the far side: the ask for a buy, the bid for a sell, as much as is left
 * there, in whole lots; undefined when that is nothing, or worse than the limit. A price better than the
 * limit is the order's; slippage never takes a fill past it.
 */
export function matchOrder(
  { side, remaining, lotSize, limitPrice, isAllOrNone }: Demand,
  liquidity: Liquidity,
  slippage: SlippageModel,
): Match | undefined {
  const { price, size, consumed } = farSide(side, liquidity);
  if (!isWithinLimit({ side, limitPrice }, price)) return undefined;
  const available = Decimal.min(remaining, new Decimal(size).minus(consumed));
  const quantity = available.minus(available.mod(lotSize));
  if (!quantity.greaterThan(ZERO)) return undefined;
  if (isAllOrNone && quantity.lessThan(remaining)) return undefined;
  const slipped = slippage({ side, price: new Decimal(price), quantity });
  const isWithin = isWithinLimit({ side, limitPrice }, slipped);
  return { quantity, price: isWithin || limitPrice === null ? slipped : new Decimal(limitPrice) };
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
