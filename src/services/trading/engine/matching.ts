import { Decimal, ZERO } from '../../platform/money.ts';
import type { LiquidityModel, OrderSide } from '../../platform/prisma/enums.ts';
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

/** What fills an order, at the price that is quoted. */
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
  return known && isSame(known, { price, size }) ? known : { price, size, consumed: ZERO };
}

type Quoted = Pick<SideLiquidity, 'price' | 'size'>;

const isSame = (one: Quoted, other: Quoted): boolean =>
  one.price.equals(other.price) && one.size.equals(other.size);

/** Whether a later quote offers an order of `side` the same as an earlier one. */
export const isSameOffer = (side: OrderSide, earlier: Liquidity, later: Liquidity): boolean =>
  isSame(farSide(side, earlier), farSide(side, later));

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
  /** UNLIMITED fills all of it at the quoted price, however much is quoted. */
  readonly liquidityModel: LiquidityModel;
}

/**
 * Fill of an order against the far side: the ask for a buy, the bid for a sell, as much as is left
 * there, in whole lots; undefined when that is nothing, or worse than the limit. A price better
 * than the limit is the order's. Quotes are the top of the book: there is no second level to walk
 * to, and what is left waits for the next quote.
 */
export function matchOrder(demand: Demand, liquidity: Liquidity): Match | undefined {
  const { side, remaining, lotSize, limitPrice, isAllOrNone, liquidityModel } = demand;
  const { price, size, consumed } = farSide(side, liquidity);
  if (!isWithinLimit({ side, limitPrice }, price)) return undefined;
  const offered = liquidityModel === 'UNLIMITED' ? remaining : new Decimal(size).minus(consumed);
  const available = Decimal.min(remaining, offered);
  const quantity = available.minus(available.mod(lotSize));
  if (!quantity.greaterThan(ZERO)) return undefined;
  if (isAllOrNone && quantity.lessThan(remaining)) return undefined;
  return { quantity, price: new Decimal(price) };
}

/** What is left after a fill of `quantity`, which is negative for one that is taken back. */
export function consume(liquidity: Liquidity, side: OrderSide, quantity: Decimal): Liquidity {
  const taken = farSide(side, liquidity);
  const left = { ...taken, consumed: taken.consumed.plus(quantity) };
  return side === 'BUY' ? { ...liquidity, ask: left } : { ...liquidity, bid: left };
}

function farSide(side: OrderSide, { bid, ask }: Liquidity): SideLiquidity {
  return side === 'BUY' ? ask : bid;
}
