import { DateTime } from 'luxon';
import { InvalidInput } from '../platform/errors.ts';
import { Decimal, toColumn, ZERO } from '../platform/money.ts';
import { hasLimit, hasStop, isEnding, isImmediate } from './engine/order-terms.ts';
import type { OrderTerms } from './engine/order-terms.ts';
import type { OrderType, TimeInForce } from '../platform/prisma/enums.ts';

/** At which price and for how long, as a client asks for it: a market order until canceled if left out. */
export interface WantedTerms {
  readonly type?: OrderType;
  /** Of LIMIT and STOP_LIMIT, and of them alone. */
  readonly limitPrice?: Decimal;
  /** Of STOP and STOP_LIMIT, and of them alone. */
  readonly stopPrice?: Decimal;
  readonly timeInForce?: TimeInForce;
  /** Of GTD, and of it alone. */
  readonly expiresAt?: Date;
}

export type PlacementTerms = Omit<OrderTerms, 'side'> & { readonly expiresAt: Date | null };

const PRICE_LIMIT = new Decimal('1e15');
/** A year, with a leap day. */
const EXPIRY_MAX_DAYS = 366;

/** Throws InvalidInput, with the field, for terms that no order can have. */
export function parseTerms(wanted: WantedTerms): PlacementTerms {
  const { type = 'MARKET', timeInForce = 'GTC', expiresAt = null } = wanted;
  const limitPrice = parsePrice('limitPrice', wanted.limitPrice);
  const stopPrice = parsePrice('stopPrice', wanted.stopPrice);
  expectGiven('limitPrice', limitPrice, { isWanted: hasLimit(type), by: `A ${type} order` });
  expectGiven('stopPrice', stopPrice, { isWanted: hasStop(type), by: `A ${type} order` });
  const isUntil = timeInForce === 'GTD';
  expectGiven('expiresAt', expiresAt, { isWanted: isUntil, by: `An order of ${timeInForce}` });
  if (hasStop(type) && isImmediate(timeInForce)) {
    throw new InvalidInput('timeInForce', 'An order with a stop waits: it cannot fill at once.');
  }
  return { type, timeInForce, limitPrice, stopPrice, expiresAt };
}

/**
 * When an order ends by itself: DAY at the end of the trading day of its instrument, which trades around
 * the clock. Null for one that does not. Throws InvalidInput for a time that is over or too far away.
 */
export function expiryOf(
  { timeInForce, expiresAt }: Pick<PlacementTerms, 'timeInForce' | 'expiresAt'>,
  { zone, now }: { readonly zone: string; readonly now: Date },
): Date | null {
  if (!isEnding(timeInForce)) return null;
  const local = DateTime.fromJSDate(now, { zone });
  if (!expiresAt) return local.plus({ days: 1 }).startOf('day').toJSDate();
  const latest = local.plus({ days: EXPIRY_MAX_DAYS }).toJSDate();
  if (expiresAt <= now || expiresAt > latest) {
    throw new InvalidInput('expiresAt', 'An order ends in the future, and within a year.');
  }
  return expiresAt;
}

/** Refuses what could not be stored as a price, and gives it its plain form. */
function parsePrice(field: string, wanted: Decimal | undefined): Decimal | null {
  if (wanted === undefined) return null;
  const price = new Decimal(wanted);
  const isStorable = price.greaterThan(ZERO) && price.lessThan(PRICE_LIMIT);
  if (isStorable && toColumn(price).equals(price)) return price;
  throw new InvalidInput(field, 'A price is above 0, below 1e15, and has at most 18 decimals.');
}

function expectGiven(
  field: string,
  value: Decimal | Date | null,
  { isWanted, by }: { readonly isWanted: boolean; readonly by: string },
): void {
  if ((value !== null) === isWanted) return;
  throw new InvalidInput(field, `${by} ${isWanted ? 'needs' : 'has no'} ${field}.`);
}
