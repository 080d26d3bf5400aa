import { Decimal, toBookedCash, ZERO } from '../platform/money.ts';
import type { Account, Order, Position } from '../platform/prisma/client.ts';
import { buyingPowerOf } from '../portfolio/events.ts';
import { applyFill } from '../portfolio/position.ts';
import { shortReserveChange } from '../portfolio/short-reserve.ts';
import { closableOf, openingOf } from './engine/exposure.ts';
import { remainingOf } from './engine/order-state.ts';
import { reserveAfterFill } from './engine/reservation.ts';
import { InsufficientFunds, InsufficientPosition, type OrderDenied } from './errors.ts';

/** A fill that is about to be booked. */
export interface PricedFill {
  readonly account: Account;
  readonly order: Order;
  readonly position: Position | undefined;
  readonly quantity: Decimal;
  readonly price: Decimal;
  readonly fee: Decimal;
}

/**
 * Cash that an order goes on to hold back after a fill, or why the account cannot take the fill any more:
 * its free cash would fall below zero, or it would sell short and does not allow that by now.
 */
export function reserveLeftBy(fill: PricedFill): Decimal | OrderDenied {
  const { account, order, position, quantity } = fill;
  const { side, id } = order;
  const held = new Decimal(position?.quantity ?? ZERO);
  if (side === 'SELL' && !account.allowsShort && !openingOf(side, quantity, held).isZero()) {
    const available = closableOf(side, held);
    return new InsufficientPosition(id, { required: quantity, available });
  }
  const required = requiredBy(fill);
  const available = buyingPowerOf(account).plus(order.reserved);
  // What needs no cash of its own is filled even where a loss on a short left less than nothing.
  if (required.greaterThan(Decimal.max(available, ZERO)))
    return new InsufficientFunds(id, { required, available });
  const remaining = remainingOf(order);
  const rest = remaining.minus(quantity);
  const heldThen = side === 'BUY' ? held.plus(quantity) : held.minus(quantity);
  const opening = {
    before: openingOf(side, remaining, held),
    after: openingOf(side, rest, heldThen),
  };
  const free = Decimal.max(available.minus(required), ZERO);
  const { currency } = account;
  return reserveAfterFill({ reserved: order.reserved, remaining, rest, opening, free, currency });
}

/**
 * What the fill takes of the free cash: what it pays and holds back for a short, less what it brings in and
 * frees. A sale that only closes needs cash where its fee is more than it brings in.
 */
function requiredBy({ account, order, position, quantity, price, fee }: PricedFill): Decimal {
  const { side } = order;
  const { currency, kind } = account;
  const amount = toBookedCash(quantity.times(price), currency);
  const cashAmount = side === 'BUY' ? ZERO.minus(amount) : amount;
  const result = applyFill(position, { side, quantity, cashAmount, currency });
  const held = shortReserveChange(kind, position, result);
  const missing = held.minus(cashAmount).plus(fee);
  return Decimal.max(ZERO, missing);
}
