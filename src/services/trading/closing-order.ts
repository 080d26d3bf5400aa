import { InvalidInput } from '../platform/errors.ts';
import { Decimal, toText, ZERO } from '../platform/money.ts';
import type { Query } from '../platform/query.ts';
import { InsufficientPosition, InvalidQuantity } from './errors.ts';
import type { PlaceOrder } from './placement.ts';

export interface ClosePosition {
  readonly accountId: string;
  readonly symbol: string;
  /** How much of it; all when this and `percent` are left out. Not more than is held. */
  readonly quantity?: Decimal;
  /** How much of it, above 0 to 100; rounded down to the lot. */
  readonly percent?: Decimal;
  /** Of the order that closes it. */
  readonly clientOrderId: string;
}

/** What an account holds of an instrument, or owes of it if it is negative. */
export interface Held {
  readonly instrumentId: string;
  readonly symbol: string;
  readonly lotSize: Decimal;
  readonly quantity: Decimal;
}

const HELD = `SELECT i.id AS "instrumentId", i.symbol, i.lot_size AS "lotSize", p.quantity
  FROM positions p JOIN instruments i ON i.id = p.instrument_id
  WHERE p.account_id = $1::uuid AND p.closed_at IS NULL AND ($2::text IS NULL OR i.symbol = $2)
  ORDER BY abs(p.quantity) < i.lot_size, p.opened_at, p.id LIMIT 100`;

/**
 * What an account holds, of one instrument or of all, the oldest 100 first, and after them what is
 * too little to be sold. Its lock is taken before.
 */
export const heldBy = (accountId: string, symbol?: string): Query<Held> => ({
  text: HELD,
  values: [accountId, symbol ?? null],
});

/** Less than a lot is left where a split or a dividend leaves it, and no order can be for it. */
export const isDust = ({ quantity, lotSize }: Held): boolean =>
  new Decimal(quantity).abs().lessThan(lotSize);

/** How much is to be closed, as a key is bound to it. */
export const partOf = ({ quantity, percent }: Pick<ClosePosition, 'quantity' | 'percent'>) => ({
  quantity: quantity ? toText(quantity) : null,
  percent: percent ? toText(percent) : null,
});

/**
 * The market order that closes so much of what is held: sells what is held, buys back what is
 * short.
 */
export function closingOrder(command: ClosePosition, held: Held): PlaceOrder {
  const { accountId, symbol, clientOrderId } = command;
  const side = new Decimal(held.quantity).isNegative() ? 'BUY' : 'SELL';
  return { accountId, symbol, clientOrderId, side, quantity: amountOf(command, held) };
}

function amountOf(
  { quantity, percent }: Pick<ClosePosition, 'quantity' | 'percent'>,
  { quantity: all, lotSize }: Held,
): Decimal {
  const held = new Decimal(all).abs();
  if (quantity && percent) {
    throw new InvalidInput('percent', 'Give a quantity or a percent, not both.');
  }
  if (quantity) {
    if (quantity.lessThanOrEqualTo(held)) return quantity;
    throw new InsufficientPosition(null, { required: quantity, available: held }, true);
  }
  if (percent && !(percent.greaterThan(ZERO) && percent.lessThanOrEqualTo(100))) {
    throw new InvalidInput('percent', 'A percent is above 0 and at most 100.');
  }
  const wanted = percent ? held.times(percent).dividedBy(100) : held;
  const lots = wanted.dividedToIntegerBy(lotSize);
  if (lots.isZero()) throw new InvalidQuantity(null, wanted, lotSize);
  return lots.times(lotSize);
}
