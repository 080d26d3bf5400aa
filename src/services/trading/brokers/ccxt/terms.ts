import { isMultipleOf, toText, type Decimal } from '../../../platform/money.ts';
import { BrokerRefused } from '../errors.ts';
import { stepOf } from './mapper.ts';
import type { BrokerOrder } from '../broker.ts';
import type { CcxtExchange } from './exchange.ts';
import type { CcxtMarket } from './parser.ts';

/**
 * Where stops are orders like others. Elsewhere they are a list of their own, with ids of their
 * own, in which a lost order would not be found.
 */
const WITH_STOPS: readonly string[] = ['binance', 'binanceus', 'kraken'];

/**
 * Throws BrokerRefused, with the number that is overstepped, for what the exchange does not take:
 * nothing is sent then, and nothing is rounded to fit.
 */
export function requireTerms(
  order: BrokerOrder,
  market: CcxtMarket | undefined,
  { id, precisionMode }: Pick<CcxtExchange, 'id' | 'precisionMode'>,
): void {
  if (!market) throw new BrokerRefused('UNKNOWN_SYMBOL', `${id} has no market ${order.symbol}.`);
  requireKind(order, id);
  const { quantity, limitPrice, stopPrice } = order;
  const { precision, limits } = market;
  requireStep('LOT_SIZE', quantity, stepOf(precision.amount, precisionMode));
  requireRange('QUANTITY_LIMIT', quantity, limits.amount);
  for (const price of [limitPrice, stopPrice]) {
    if (!price) continue;
    requireStep('TICK_SIZE', price, stepOf(precision.price, precisionMode));
    if (precisionMode === SIGNIFICANT_DIGITS) requireDigits(price, precision.price);
    requireRange('PRICE_LIMIT', price, limits.price);
  }
  // Of a market order the exchange knows the price, and judges itself.
  const price = limitPrice ?? stopPrice;
  if (price) requireRange('NOTIONAL_LIMIT', quantity.times(price), limits.cost);
}

function requireKind({ type, timeInForce }: BrokerOrder, exchangeId: string): void {
  const refuse = (what: string): never => {
    throw new BrokerRefused('UNSUPPORTED_TERMS', `${exchangeId} takes no ${what} from here.`);
  };
  if (type === 'TRAILING_STOP') refuse('trailing stops');
  if (type === 'STOP' || type === 'STOP_LIMIT') {
    if (!WITH_STOPS.includes(exchangeId)) refuse('stop orders');
  }
  if (timeInForce === 'GTD') refuse('orders with a date of their end');
  if (timeInForce === 'FOK' && type === 'MARKET') refuse('market orders that fill whole or not');
  // A market that never closes has no day; a market order does not outlive it anyway.
  if (timeInForce === 'DAY' && type !== 'MARKET') refuse('orders for a day');
}

function requireStep(code: string, value: Decimal, step: Decimal | null): void {
  if (step === null || isMultipleOf(value, step)) return;
  throw new BrokerRefused(code, `${toText(value)} is no multiple of ${toText(step)}.`);
}

/** Of ccxt: prices are counted in digits, wherever their point is. */
const SIGNIFICANT_DIGITS = 3;

function requireDigits(price: Decimal, digits: Decimal | null): void {
  if (digits === null || digits.greaterThanOrEqualTo(price.precision())) return;
  const message = `${toText(price)} has more than ${toText(digits)} digits that count.`;
  throw new BrokerRefused('TICK_SIZE', message);
}

function requireRange(
  code: string,
  value: Decimal,
  { min, max }: { readonly min: Decimal | null; readonly max: Decimal | null },
): void {
  if (min && value.lessThan(min)) {
    throw new BrokerRefused(code, `${toText(value)} is less than the least, ${toText(min)}.`);
  }
  // Some tell a most of zero where they have none.
  if (max && !max.isZero() && value.greaterThan(max)) {
    throw new BrokerRefused(code, `${toText(value)} is more than the most, ${toText(max)}.`);
  }
}
