import { DateTime } from 'luxon';
import { InvalidInput } from '../platform/errors.ts';
import { Decimal, toColumn, ZERO } from '../platform/money.ts';
import { hasLimit, hasStop, hasTrigger, isEnding, isImmediate } from './engine/order-terms.ts';
import type { OrderTerms } from './engine/order-terms.ts';
import type { Trail } from './engine/trailing-stop.ts';
import type { Timetable } from '../market/calendars/trading-hours.ts';
import { endOfDay } from './market-hours.ts';
import { PRICE_LIMIT } from './order-bounds.ts';
import type { OrderType, TimeInForce } from '../platform/prisma/enums.ts';

/**
 * At which price and for how long, as a client asks for it: a market order until canceled if left
 * out.
 */
export interface WantedTerms {
  readonly type?: OrderType;
  /** Of LIMIT and STOP_LIMIT, and of them alone. */
  readonly limitPrice?: Decimal;
  /** Of STOP and STOP_LIMIT, and of them alone. */
  readonly stopPrice?: Decimal;
  /** How far the stop follows the price: of TRAILING_STOP one of the two, and of it alone. */
  readonly trailAmount?: Decimal;
  /** Above 0 and below 100, with at most 6 decimals. */
  readonly trailPercent?: Decimal;
  readonly timeInForce?: TimeInForce;
  /** Of GTD, and of it alone. */
  readonly expiresAt?: Date;
}

export type PlacementTerms = Omit<OrderTerms, 'side'> & Trail & { readonly expiresAt: Date | null };

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
  const trail = parseTrail(type, wanted);
  if (hasTrigger(type) && isImmediate(timeInForce)) {
    throw new InvalidInput('timeInForce', 'An order with a stop waits: it cannot fill at once.');
  }
  return { type, timeInForce, limitPrice, stopPrice, ...trail, expiresAt };
}

/**
 * When an order ends by itself: DAY at the close of the session that its instrument is in, or of
 * the next one; see {@link endOfDay}. Null for one that does not. Throws InvalidInput for a time
 * that is over or too far away.
 */
export function expiryOf(
  { timeInForce, expiresAt }: Pick<PlacementTerms, 'timeInForce' | 'expiresAt'>,
  { timetable, now }: { readonly timetable: Timetable; readonly now: Date },
): Date | null {
  if (!isEnding(timeInForce)) return null;
  if (!expiresAt) return endOfDay(timetable, now);
  const latest = DateTime.fromJSDate(now, { zone: timetable.zone })
    .plus({ days: EXPIRY_MAX_DAYS })
    .toJSDate();
  if (expiresAt <= now || expiresAt > latest) {
    throw new InvalidInput('expiresAt', 'An order ends in the future, and within a year.');
  }
  return expiresAt;
}

/** One distance of the two for a trailing stop, none for others. */
function parseTrail(type: OrderType, wanted: WantedTerms): Trail {
  const trailAmount = parsePrice('trailAmount', wanted.trailAmount);
  const trailPercent = wanted.trailPercent ? new Decimal(wanted.trailPercent) : null;
  const isGiven = trailAmount !== null || trailPercent !== null;
  const field = trailAmount === null && trailPercent !== null ? 'trailPercent' : 'trailAmount';
  if (type !== 'TRAILING_STOP' && isGiven) {
    throw new InvalidInput(field, `A ${type} order has no ${field}.`);
  }
  if (type === 'TRAILING_STOP' && (trailAmount === null) === (trailPercent === null)) {
    throw new InvalidInput(field, 'A trailing stop needs either trailAmount or trailPercent.');
  }
  if (trailPercent && !isPercent(trailPercent)) {
    throw new InvalidInput('trailPercent', 'It is above 0, below 100, and has at most 6 decimals.');
  }
  return { trailAmount, trailPercent };
}

const isPercent = (percent: Decimal): boolean =>
  percent.greaterThan(ZERO) && percent.lessThan(100) && percent.decimalPlaces() <= 6;

/** Refuses what could not be stored as a price, and gives it its plain form. */
export function parsePrice(
  field: string,
  wanted: Decimal | undefined,
  noun = 'price',
): Decimal | null {
  if (wanted === undefined) return null;
  const price = new Decimal(wanted);
  const isStorable = price.greaterThan(ZERO) && price.lessThan(PRICE_LIMIT);
  if (isStorable && toColumn(price).equals(price)) return price;
  throw new InvalidInput(field, `A ${noun} is above 0, below 1e15, and has at most 18 decimals.`);
}

function expectGiven(
  field: string,
  value: Decimal | Date | null,
  { isWanted, by }: { readonly isWanted: boolean; readonly by: string },
): void {
  if ((value !== null) === isWanted) return;
  throw new InvalidInput(field, `${by} ${isWanted ? 'needs' : 'has no'} ${field}.`);
}
