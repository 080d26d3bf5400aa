import { Decimal } from '../../../src/services/platform/money.ts';
import { most, least, cents, notionalOf, price, signed, size, thousandths } from './plain-money.ts';
import type { PlainPortfolio } from './plain-portfolio.ts';
import type { ToldEffect, ToldTrade, ToldTransaction } from './told.ts';

type Same = (what: string, found: unknown, expected: unknown) => void;

/** What a transaction did that was no order's: splits, dividends, resets, and money by hand. */
export function bookWithoutOrders(
  portfolio: PlainPortfolio,
  { effects, trades, transfers, id }: ToldTransaction,
  same: Same,
): void {
  const unordered = trades.filter(({ orderId }) => orderId === null);
  const [effect] = effects;
  if (effect?.kind === 'SPLIT') split(portfolio, effect, unordered, same);
  else for (const trade of unordered) giveBack(portfolio, trade, same);
  for (const { cause, amount } of transfers) {
    const moved = cents(amount);
    if (cause === 'WITHDRAWAL') same(`withdrawal ${id}`, -moved <= most(0n, portfolio.free), true);
    if (cause === 'RESET') same(`reset ${id}`, moved, portfolio.startingCash - portfolio.cash);
    if (cause === 'DIVIDEND') {
      const held = effect ? heldThen(portfolio, effect, same) : 0n;
      same(`dividend ${id}`, moved, notionalOf(held, price(effect?.amount ?? '0')));
    }
    portfolio.cash += moved;
  }
}

function heldThen(portfolio: PlainPortfolio, effect: ToldEffect, same: Same): bigint {
  const { instrumentId, effectiveAt, before } = effect;
  const held = portfolio.holding(instrumentId).heldBefore(effectiveAt.getTime());
  same(`what was held of ${instrumentId} before its action`, thousandths(before), held);
  return held;
}

/** What comes in or goes for nothing, and the part of one that is exchanged for cash. */
function split(
  portfolio: PlainPortfolio,
  effect: ToldEffect,
  trades: readonly ToldTrade[],
  same: Same,
): void {
  const held = heldThen(portfolio, effect, same);
  const holding = portfolio.holding(effect.instrumentId);
  const [from, to] = [BigInt(effect.ratioFrom ?? '1'), BigInt(effect.ratioTo ?? '1')];
  const after = (held * to) / from;
  const change = after - held;
  const fraction = size(after % 1_000n);
  const isGain = change > 0n === held > 0n;
  const left = [...trades];
  const hasBooks = holding.held !== 0n || isGain;
  if (change !== 0n && hasBooks) {
    const trade = left.shift();
    const before = holding.held;
    const realized = holding.change(change);
    const found = trade && [
      signed(trade.side, thousandths(trade.quantity)),
      cents(trade.cashAmount),
    ];
    same(`split of ${effect.instrumentId}`, found, [holding.held - before, 0n]);
    same(`realized by it`, trade && cents(trade.realizedGross), realized);
    holding.note(Date.parse(trade?.executedAt ?? ''));
  }
  const exchanged = hasBooks ? least(fraction, size(holding.held)) : 0n;
  const rest = left.shift();
  same(`fraction of ${effect.instrumentId}`, rest ? thousandths(rest.quantity) : 0n, exchanged);
  if (rest) giveBack(portfolio, rest, same);
}

/** A trade at the price that it says, without a fee. */
function giveBack(portfolio: PlainPortfolio, trade: ToldTrade, same: Same): void {
  const { instrumentId, side, quantity, source } = trade;
  const holding = portfolio.holding(instrumentId);
  if (source === 'RESET')
    same(`given back ${trade.id}`, -signed(side, thousandths(quantity)), holding.held);
  const moved = cents(trade.cashAmount);
  const exact = new Decimal(quantity).times(trade.price).times(side === 'BUY' ? -1 : 1);
  same(`paid for ${trade.id}`, moved, cents(exact.toDecimalPlaces(2).toFixed(2)));
  const realized = holding.trade(side, thousandths(quantity), moved);
  same(`realized by ${trade.id}`, cents(trade.realizedGross), realized);
  holding.note(Date.parse(trade.executedAt));
  portfolio.cash += moved;
}
