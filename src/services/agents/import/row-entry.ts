import { ImportError, type FilePlace } from '../../market/import/errors.ts';
import type { Exchange } from '../../market/import/exchange.ts';
import type { Decimal } from '../../platform/money.ts';
import { toBookedCash, toColumn } from '../../platform/money.ts';
import type { OrderSide, TradeFlag } from '../../platform/prisma/enums.ts';
import type { BarRange, MarketPrice } from './bar-prices.ts';
import { paidFor, type PositionStep, type TradeAction } from './position-steps.ts';
import { priceOf } from './trade-price.ts';

/** What a row books. */
export interface RowEntry {
  /** Booked before the row's own trade. */
  readonly corrections: readonly EnteredTrade[];
  /**
   * Cash that came from nowhere, besides that of the corrections' trades; 0 when the row follows.
   */
  readonly cashCorrection: Decimal;
  readonly trade: FlaggedTrade | undefined;
  /** Cash after the row. */
  readonly cash: Decimal;
  /** Cash after the row, if it followed. */
  readonly cashExpected: Decimal;
}

export interface EnteredTrade {
  readonly symbol: string;
  readonly side: OrderSide;
  readonly quantity: Decimal;
  readonly price: Decimal;
  readonly cashAmount: Decimal;
}

export interface FlaggedTrade extends EnteredTrade {
  readonly flags: readonly TradeFlag[];
  readonly bar: BarRange | undefined;
}

export interface EntryContext {
  readonly place: FilePlace;
  readonly exchange: Exchange;
  /** Booked cash before the row. */
  readonly cash: Decimal;
  /** Of a symbol at the row's session. */
  readonly priceAt: (symbol: string) => MarketPrice;
}

/**
 * Turns a row into what is booked for it, so that cash and quantities after it are the file's. The
 * cash of a row that follows is the file's difference, and its price |Δcash| / amount. In one that
 * does not, that difference means nothing: quantities are taken in or given away at the market's
 * price, the row's own trade is at its stated price or the market's, and one amount of cash makes
 * up for all of it (docs/decisions/2026-11-21-records-that-do-not-chain.md). Throws ImportError
 * when there is no price.
 */
export function entryOf(step: PositionStep, context: EntryContext): RowEntry {
  const { currency } = context.exchange;
  const cash = toBookedCash(step.cash, currency);
  const action =
    step.kind === 'TRADE' && step.action?.kind !== 'NO_TRADE' ? step.action : undefined;
  const trade = action && tradeOf(step, action, { ...context, cashAfter: cash });
  const cashExpected = context.cash.plus(trade?.cashAmount ?? 0);
  const corrections = correctionsOf(step, context);
  const corrected = corrections.reduce((sum, { cashAmount }) => sum.plus(cashAmount), cashExpected);
  return { corrections, cashCorrection: cash.minus(corrected), trade, cash, cashExpected };
}

function correctionsOf({ gap }: PositionStep, context: EntryContext): EnteredTrade[] {
  return (gap?.quantities ?? []).map(({ symbol, ours, file }) => {
    const change = file.minus(ours);
    const side = change.isPositive() ? 'BUY' : 'SELL';
    const price = marketPriceOf(symbol, context);
    return enter({ symbol, side, quantity: change.abs(), price }, context);
  });
}

function tradeOf(
  step: PositionStep,
  action: TradeAction,
  context: EntryContext & { readonly cashAfter: Decimal },
): FlaggedTrade {
  const { symbol, quantity, statedPrice, kind: side } = action;
  const { bar } = context.priceAt(symbol);
  if (step.gap) {
    const price = statedPrice ?? marketPriceOf(symbol, context);
    const trade = enter({ symbol, side, quantity, price }, context);
    return { ...trade, bar, flags: flagsOf(step, action, { price, bar, context }) };
  }
  const paid = paidFor(action, step.moved);
  const price = toColumn(
    priceOf({ paid, quantity, candidates: [statedPrice, bar?.open] }, context.exchange),
  );
  const cashAmount = context.cashAfter.minus(context.cash);
  const flags = flagsOf(step, action, { price, bar, context });
  return { symbol, side, quantity, price, cashAmount, bar, flags };
}

function enter(trade: Omit<EnteredTrade, 'cashAmount'>, { exchange }: EntryContext): EnteredTrade {
  const notional = toBookedCash(trade.quantity.times(trade.price), exchange.currency);
  return { ...trade, cashAmount: trade.side === 'BUY' ? notional.negated() : notional };
}

function marketPriceOf(symbol: string, { priceAt, place }: EntryContext): Decimal {
  const { price } = priceAt(symbol);
  if (price) return price;
  throw new ImportError(place, `There is no price to book a correction of ${symbol} at.`);
}

interface Priced {
  readonly price: Decimal;
  readonly bar: BarRange | undefined;
  readonly context: EntryContext;
}

function flagsOf(
  { gap, isOutOfOrder }: PositionStep,
  { statedPrice }: TradeAction,
  { price, bar, context }: Priced,
): TradeFlag[] {
  const flags: TradeFlag[] = [];
  if (!bar) flags.push('NO_BAR');
  else if (price.lessThan(bar.low) || price.greaterThan(bar.high)) flags.push('PRICE_OUTSIDE_BAR');
  if (isOutOfOrder) flags.push('OUT_OF_ORDER');
  const halfTick = context.exchange.tickSize.dividedBy(2);
  if (!gap && statedPrice?.minus(price).abs().greaterThan(halfTick) === true) {
    flags.push('STATED_PRICE_DIFFERS');
  }
  return flags;
}
