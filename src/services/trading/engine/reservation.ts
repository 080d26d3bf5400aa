import { Decimal, toBookedCash, ZERO } from '../../platform/money.ts';
import type { Account } from '../../platform/prisma/client.ts';
import { feeOf, type FeeSchedule } from './fees.ts';

/** A buy without a limit holds back this much of its price, since that may move before it fills. */
const MARKET_BUFFER = '1.05';

/**
 * Cash that a buy holds back until it fills (DOMAIN, "Accounts"), fees included: its limit where it
 * has one, and else 1.05 times what it expects to pay. That is the ask, and for a stop the stop
 * price where it is higher. Undefined when nothing tells a price: a market order without a quote.
 */
export function reserveOfBuy(
  order: {
    readonly quantity: Decimal;
    readonly limitPrice: Decimal | null;
    readonly stopPrice: Decimal | null;
    /** Of the newest fresh quote. */
    readonly ask: Decimal | undefined;
  },
  schedule: FeeSchedule,
  account: Pick<Account, 'currency' | 'feeModel'>,
): Decimal | undefined {
  const price = priceToReserve(order);
  if (!price) return undefined;
  const { quantity } = order;
  const fee = feeOf({ quantity, price }, schedule, account);
  return toBookedCash(price.times(quantity), account.currency).plus(fee);
}

function priceToReserve({
  limitPrice,
  stopPrice,
  ask,
}: {
  readonly limitPrice: Decimal | null;
  readonly stopPrice: Decimal | null;
  readonly ask: Decimal | undefined;
}): Decimal | undefined {
  if (limitPrice) return new Decimal(limitPrice);
  const [first, ...others] = [ask, stopPrice].filter(
    (price) => price !== undefined && price !== null,
  );
  return first && Decimal.max(first, ...others).times(MARKET_BUFFER);
}

/**
 * Cash that a sale holds back for what it sells short until it fills: the full notional, without a
 * buffer, and the fee (DOMAIN, "Accounts"). The price is the highest that it is to fill at: the bid
 * or the limit, whichever is higher, and for a stop the stop price. Undefined when nothing tells a
 * price.
 */
export function reserveOfShort(
  order: {
    /** What is sold beyond what is held. */
    readonly quantity: Decimal;
    readonly limitPrice: Decimal | null;
    readonly stopPrice: Decimal | null;
    /** Of the newest fresh quote. */
    readonly bid: Decimal | undefined;
  },
  schedule: FeeSchedule,
  account: Pick<Account, 'currency' | 'feeModel'>,
): Decimal | undefined {
  const { quantity, limitPrice, stopPrice, bid } = order;
  const [first, ...others] = [stopPrice ?? bid ?? null, limitPrice].filter(
    (price) => price !== null,
  );
  if (!first) return undefined;
  const price = Decimal.max(first, ...others);
  const fee = feeOf({ quantity, price }, schedule, account);
  return toBookedCash(price.times(quantity), account.currency).plus(fee);
}

/**
 * Cash that an order goes on to hold back after a fill, and never more than `free`, the cash that
 * nothing else holds back once the fill is paid. A fill above the buffer takes the difference from
 * there, so that no account reserves what it lacks.
 *
 * It is held for what the order opens, and a fill closes before it opens: so it is the share of
 * what is left to open, or of what is left to fill, for an order that only closes and holds
 * something back.
 */
export function reserveAfterFill({
  reserved,
  remaining,
  rest,
  opening = { before: remaining, after: rest },
  free,
  currency,
}: {
  readonly reserved: Decimal;
  /** To fill before, and after. */
  readonly remaining: Decimal;
  readonly rest: Decimal;
  /** How much of each opens a position, or makes one larger; all of it when it is left out. */
  readonly opening?: { readonly before: Decimal; readonly after: Decimal };
  readonly free: Decimal;
  readonly currency: string;
}): Decimal {
  if (rest.isZero() || reserved.isZero()) return ZERO;
  const [whole, part] = opening.before.isZero()
    ? [remaining, rest]
    : [opening.before, Decimal.min(opening.after, opening.before)];
  const share = new Decimal(reserved).times(part).dividedBy(whole);
  return Decimal.min(toBookedCash(share, currency), free);
}
