import { divideHalfEven, type Side } from '../plain-book.ts';
import type { PlainHolding } from './plain-holding.ts';
import { CENT, feeFor, least, most, notionalOf, ONE, size, type Fees } from './plain-money.ts';
import { farSide, type PlainTerms, type Prices } from './plain-order.ts';

/** What of an account an order is judged by. */
export interface Standing {
  /** Cash that nothing holds back. */
  readonly free: bigint;
  readonly allowsShort: boolean;
  readonly holding: PlainHolding;
  /** Left to fill in open orders of the instrument. */
  readonly buying: bigint;
  readonly selling: bigint;
  readonly fees: Fees;
}

/** The code of a refusal; or what the order holds back, is for, and where its stop stands. */
export type PlainVerdict =
  | { readonly refusal: string; readonly quantity: bigint }
  | { readonly reserved: bigint; readonly quantity: bigint; readonly stop: bigint | null };

/** How much of it opens a position or makes one larger, when so much is held. */
export function openingOf(side: Side, quantity: bigint, held: bigint): bigint {
  const closable = most(0n, side === 'SELL' ? held : -held);
  return most(0n, quantity - closable);
}

/** The gate's checks that depend on the account, one after the other, at one quote. */
export function judgePlainly(terms: PlainTerms, quote: Prices, standing: Standing): PlainVerdict {
  const { side, type, notional, orderClass, takeProfit, stopLoss } = terms;
  const far = farSide(side, quote);
  const wanted = terms.quantity ?? ((notional ?? 0n) * CENT) / far;
  const quantity = terms.quantity ?? wanted * ONE;
  const refuse = (refusal: string): PlainVerdict => ({ refusal, quantity });
  if (quantity === 0n) return refuse('NOTIONAL_TOO_SMALL');
  const stop = type === 'TRAILING_STOP' ? stopBehind(terms, far) : terms.stop;
  const { limit } = terms;
  if (limit !== null && isBeyondCollar(side, limit, stop ?? far))
    return refuse('PRICE_OUT_OF_RANGE');
  const entry = limit ?? stop ?? far;
  const [profit, loss] = side === 'BUY' ? [1n, -1n] : [-1n, 1n];
  if (orderClass === 'BRACKET' || orderClass === 'OTO') {
    if (takeProfit !== null && (takeProfit - entry) * profit <= 0n)
      return refuse('PRICE_ON_WRONG_SIDE');
    if (stopLoss !== null && (stopLoss - entry) * loss <= 0n) return refuse('PRICE_ON_WRONG_SIDE');
  }
  if (orderClass === 'OCO') {
    const isApart = ((takeProfit ?? 0n) - (stopLoss ?? 0n)) * loss > 0n;
    if (!isApart) return refuse('PRICE_ON_WRONG_SIDE');
    const closable = quantity - openingOf(side, quantity, heldThen(side, standing));
    if (closable < quantity) return refuse('INSUFFICIENT_POSITION');
  }
  const reserved = reserveFor(side, { quantity, limit, stop, far }, standing);
  if (typeof reserved === 'string') return refuse(reserved);
  if (reserved > 0n && reserved > standing.free) return refuse('INSUFFICIENT_FUNDS');
  return { reserved, quantity, stop };
}

/** On the tick of a cent, away from the market. */
function stopBehind({ side, trail }: Pick<PlainTerms, 'side' | 'trail'>, far: bigint): bigint {
  return side === 'SELL' ? far - (trail ?? 0n) : far + (trail ?? 0n);
}

/** 20% worse than what it is measured by. */
function isBeyondCollar(side: Side, limit: bigint, measure: bigint): boolean {
  return side === 'BUY' ? limit * 10n > measure * 12n : limit * 10n < measure * 8n;
}

function heldThen(side: Side, { holding, buying, selling }: Standing): bigint {
  return side === 'SELL' ? holding.held - selling : holding.held + buying;
}

interface Priced {
  readonly quantity: bigint;
  readonly limit: bigint | null;
  readonly stop: bigint | null;
  readonly far: bigint;
}

function reserveFor(
  side: Side,
  { quantity, limit, stop, far }: Priced,
  standing: Standing,
): bigint | 'INSUFFICIENT_POSITION' {
  const { fees, holding, allowsShort } = standing;
  const opening = openingOf(side, quantity, heldThen(side, standing));
  const cost = (of: bigint, at: bigint): bigint => notionalOf(of, at) + feeFor(of, at, fees);
  if (side === 'SELL') {
    if (opening === 0n) return 0n;
    if (!allowsShort) return 'INSUFFICIENT_POSITION';
    return cost(opening, most(stop ?? far, limit ?? 0n));
  }
  // 1.05 times the price, which is in whole cents.
  const at = limit ?? (most(far, stop ?? 0n) * 105n) / 100n;
  const covering = quantity - opening;
  const required = opening === 0n ? 0n : cost(opening, at);
  if (covering === 0n) return required;
  // As a fraction over what is held: cost − reserve × covering / held, rounded once.
  const held = size(holding.held);
  const missing = divideHalfEven(cost(covering, at) * held - holding.reserved * covering, held);
  return required + most(missing, 0n);
}

/** What an order goes on to hold back once a part of it is filled. */
export function reserveLeft(
  reserved: bigint,
  fill: {
    readonly side: Side;
    readonly left: bigint;
    readonly quantity: bigint;
    readonly held: bigint;
    /** What nothing else holds back once it is paid. */
    readonly free: bigint;
  },
): bigint {
  const { side, left, quantity, held, free } = fill;
  const rest = left - quantity;
  if (rest === 0n || reserved === 0n) return 0n;
  const before = openingOf(side, left, held);
  const after = openingOf(side, rest, side === 'BUY' ? held + quantity : held - quantity);
  const share =
    before === 0n
      ? divideHalfEven(reserved * rest, left)
      : divideHalfEven(reserved * least(after, before), before);
  return least(share, free);
}
