import { Decimal, toText } from '../../platform/money.ts';
import type { RiskScope } from '../../platform/prisma/enums.ts';
import type { Quote } from '../../market/quote.ts';
import { heldAfter, openedBy, type Holding } from '../engine/exposure.ts';
import { farPrice, type OrderTerms } from '../engine/order-terms.ts';
import type { Refusal } from '../refusal.ts';
import type { EffectiveLimits } from './limits.ts';

/** A kill switch that is on. */
export interface Halt {
  readonly scope: RiskScope;
  /** Else it is the owner's. */
  readonly isByAdministrator: boolean;
  readonly reason: string | null;
  /** ISO 8601. */
  readonly since: string;
}

/** How the account stands; each read only where a limit asks for it, and null else. */
export interface Standing {
  /** Cash and positions at their newest prices. */
  readonly equity: Decimal | null;
  /**
   * Equity lost since the account's trading day began, deposits and withdrawals apart; below 0 for
   * a gain.
   */
  readonly dailyLoss: Decimal | null;
  /** The limit of orders a minute that is reached, and until when it is. */
  readonly rate: { readonly maximum: number; readonly retryAfterSeconds: number } | null;
}

export interface Risk {
  readonly limits: EffectiveLimits;
  /** The widest switch that is on; of two of a scope, an administrator's. */
  readonly halt: Halt | null;
  readonly standing: Standing;
}

interface LimitedOrder {
  readonly order: Pick<OrderTerms, 'side' | 'type' | 'limitPrice' | 'stopPrice'> & {
    readonly quantity: Decimal;
  };
  readonly symbol: string;
  readonly quote: Quote | undefined;
  readonly holding: Holding;
  readonly risk: Risk;
}

/**
 * The first limit that the order breaks. The value of an order and their number in a minute count
 * for every order; the others let through what only makes a position smaller, so that nobody is
 * locked in.
 */
export function judgeLimits(input: LimitedOrder): Refusal | undefined {
  const { order, holding } = input;
  const isOpening = !openedBy(order.side, order.quantity, holding).isZero();
  return (
    (isOpening ? judgeInstrument(input) : undefined) ??
    judgeValue(input) ??
    (isOpening ? (judgeShare(input) ?? judgeLoss(input)) : undefined) ??
    judgeRate(input)
  );
}

function judgeInstrument(input: LimitedOrder): Refusal | undefined {
  const { symbol, risk } = input;
  const { allowedSymbols, maxInstrumentPrice: maximum } = risk.limits;
  if (allowedSymbols && !allowedSymbols.includes(symbol)) {
    return { code: 'SYMBOL_NOT_ALLOWED', symbol };
  }
  if (!maximum) return undefined;
  const price = marketPriceOf(input);
  if (!price) return { code: 'NO_QUOTE', symbol };
  if (price.lessThanOrEqualTo(maximum)) return undefined;
  return { code: 'INSTRUMENT_PRICE_TOO_HIGH', price: toText(price), maximum: toText(maximum) };
}

function judgeValue(input: LimitedOrder): Refusal | undefined {
  const { order, symbol, risk } = input;
  const maximum = risk.limits.maxOrderValue;
  if (!maximum) return undefined;
  const price = fillPriceOf(input);
  if (!price) return { code: 'NO_QUOTE', symbol };
  const value = new Decimal(price).times(order.quantity);
  if (value.lessThanOrEqualTo(maximum)) return undefined;
  return { code: 'ORDER_VALUE_TOO_HIGH', value: toText(value), maximum: toText(maximum) };
}

/** Of an account that is worth nothing, nothing is a share. */
function judgeShare(input: LimitedOrder): Refusal | undefined {
  const { order, symbol, holding, risk } = input;
  const { maxPositionShare: share } = risk.limits;
  if (!share) return undefined;
  const price = highestOf([marketPriceOf(input), fillPriceOf(input)]);
  if (!price) return { code: 'NO_QUOTE', symbol };
  const value = heldAfter(order.side, order.quantity, holding).abs().times(price);
  const maximum = new Decimal(share).times(known(risk.standing.equity));
  if (value.lessThanOrEqualTo(maximum)) return undefined;
  const numbers = { value: toText(value), maximum: toText(maximum), maximumShare: toText(share) };
  return { code: 'POSITION_TOO_LARGE', ...numbers };
}

function judgeLoss({ risk: { limits, standing } }: LimitedOrder): Refusal | undefined {
  const { dailyLossLimit: maximum } = limits;
  if (!maximum) return undefined;
  const loss = known(standing.dailyLoss);
  if (loss.lessThan(maximum)) return undefined;
  return { code: 'DAILY_LOSS_REACHED', loss: toText(loss), maximum: toText(maximum) };
}

function judgeRate({ risk }: LimitedOrder): Refusal | undefined {
  const { rate } = risk.standing;
  return rate ? { code: 'TOO_MANY_ORDERS', ...rate } : undefined;
}

/** What the instrument trades at: as quoted, or else as the order itself takes it to. */
function marketPriceOf({ order, quote }: LimitedOrder): Decimal | null {
  return quote ? farPrice(order.side, quote) : (order.limitPrice ?? order.stopPrice);
}

/**
 * The highest price that it is to fill at, as far as it is known: a buy pays its limit at most, and
 * a sale gets the bid where its limit is below it. Null when nothing tells a price.
 */
function fillPriceOf({ order, quote }: LimitedOrder): Decimal | null {
  const { side, type, limitPrice, stopPrice } = order;
  if (side === 'BUY' && limitPrice) return limitPrice;
  // The bid sets a sale's stop off from above, and so is not paid; a stop that trails goes up with
  // it.
  const isBelowBid = side === 'SELL' && stopPrice !== null && type !== 'TRAILING_STOP';
  return highestOf([limitPrice, stopPrice, quote && !isBelowBid ? farPrice(side, quote) : null]);
}

function highestOf(prices: readonly (Decimal | null)[]): Decimal | null {
  const [first, ...others] = prices.filter((price) => price !== null);
  return first ? Decimal.max(first, ...others) : null;
}

function known(figure: Decimal | null): Decimal {
  if (!figure) throw new Error('A limit asks for a figure that was not read.');
  return figure;
}
