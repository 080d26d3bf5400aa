import { Decimal, toBookedCash, toColumn } from '../platform/money.ts';
import type { Account, Instrument } from '../platform/prisma/client.ts';
import type { OrderSide } from '../platform/prisma/enums.ts';
import type { FillResult, Holding } from './position.ts';

/** What was agreed on, before it is rounded to what is booked. */
export interface TradeTerms {
  readonly side: OrderSide;
  /** Positive. */
  readonly quantity: Decimal;
  readonly price: Decimal;
  /** Not negative; rounded to the account's currency when it is booked. */
  readonly fee: Decimal;
  /**
   * Signed change of cash without the fee, when it is known from elsewhere; else from the price.
   */
  readonly cashAmount?: Decimal;
}

export interface TradeAmounts {
  readonly quantity: Decimal;
  readonly price: Decimal;
  readonly fee: Decimal;
  readonly cashAmount: Decimal;
}

/** As they are booked: cash in the minor unit of the currency, the price as its column keeps it. */
export function amountsOf(terms: TradeTerms, currency: string): TradeAmounts {
  const quantity = new Decimal(terms.quantity);
  if (!toColumn(quantity).equals(quantity)) {
    throw new Error(`A quantity of ${quantity.toFixed()} has more decimals than are kept.`);
  }
  const notional = quantity.times(terms.price);
  const fromPrice = terms.side === 'BUY' ? notional.negated() : notional;
  const cashAmount = toBookedCash(terms.cashAmount ?? fromPrice, currency);
  const fee = toBookedCash(terms.fee, currency);
  return { quantity, price: toColumn(terms.price), fee, cashAmount };
}

/** What a fill realized, and the position as it left it. */
export function outcomeOf({ realizedGross, held, opened }: FillResult) {
  const after = opened ?? held;
  if (!after) throw new Error('A trade leaves a position, open or closed.');
  return {
    realizedGross,
    positionQuantity: after.quantity,
    positionCost: after.totalCost,
    positionRealized: after.realizedPnl,
  };
}

export const numbersOf = ({ quantity, totalCost, realizedPnl }: Holding): Holding => ({
  quantity,
  totalCost,
  realizedPnl,
});

export const closedAtOf = ({ quantity }: Holding, executedAt: Date): Date | null =>
  quantity.isZero() ? executedAt : null;

/** Throws plainly: an account has one currency, and the gate and the importers know it. */
export function refuseOtherCurrency(
  account: Pick<Account, 'currency'>,
  instrument: Pick<Instrument, 'symbol' | 'currency'>,
): void {
  if (account.currency === instrument.currency) return;
  throw new Error(
    `${instrument.symbol} is in ${instrument.currency}, the account in ${account.currency}.`,
  );
}
