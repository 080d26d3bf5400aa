import { Decimal, isMultipleOf, toBookedCash, toText, ZERO } from '../platform/money.ts';
import { buyingPowerOf } from '../portfolio/events.ts';
import { closableBy, openedBy, type Holding } from './engine/exposure.ts';
import { feeOf } from './engine/fees.ts';
import { farPrice, isImmediate, type OrderTerms } from './engine/order-terms.ts';
import type { Trail } from './engine/trailing-stop.ts';
import { judgeGroup } from './gate-group.ts';
import type { VenueRefusal } from './brokers/venue-gate.ts';
import type { PlacementGroup } from './placement-group.ts';
import { reserveOfBuy, reserveOfShort } from './engine/reservation.ts';
import { judgeHours } from './market-hours.ts';
import type { Account, Instrument } from '../platform/prisma/client.ts';
import type { Quote } from '../market/quote.ts';
import type { Refusal } from './refusal.ts';
import { judgeLimits, type Risk } from './risk/judge-limits.ts';

/** Everything that the gate judges by; read under the account's lock. */
export interface GateInput {
  readonly account: Account;
  readonly instrument: Instrument;
  readonly order: OrderTerms &
    Partial<Trail> &
    Partial<PlacementGroup> & { readonly quantity: Decimal; readonly notional?: Decimal | null };
  /** The newest quote, if it is fresh; while the market is closed, the last one. */
  readonly quote: Quote | undefined;
  readonly now: Date;
  readonly holding: Holding;
  readonly risk: Risk;
  /** Why it cannot go where the account is; of accounts on paper there is rarely one. */
  readonly venueRefusal?: VenueRefusal | undefined;
}

/** Cash to hold back for the order, or why it is refused. */
export type Verdict =
  | { readonly isAllowed: true; readonly reserve: Decimal }
  | { readonly isAllowed: false; readonly refusal: Refusal };

/**
 * The one gate before an order goes anywhere, the same for people and for agents (DOMAIN,
 * "Orders"). Pure. The first refusal is the verdict, in the order of the checks below.
 */
export function judge(input: GateInput): Verdict {
  const { account, instrument } = input;
  if (account.status !== 'ACTIVE') {
    return refuse({ code: 'ACCOUNT_NOT_ACTIVE', status: account.status });
  }
  const { halt } = input.risk;
  if (halt) return refuse({ code: 'TRADING_HALTED', ...halt });
  if (input.venueRefusal) return refuse(input.venueRefusal);
  if (!instrument.isTradable) {
    return refuse({ code: 'INSTRUMENT_NOT_TRADABLE', symbol: instrument.symbol });
  }
  if (instrument.currency !== account.currency) {
    const currencies = { account: account.currency, instrument: instrument.currency };
    return refuse({ code: 'CURRENCY_MISMATCH', ...currencies });
  }
  const closed = judgeHours(instrument, input.order, input.now);
  if (closed) return refuse(closed);
  return (
    judgeQuantity(input) ??
    judgePrices(input) ??
    judgeGroup(input) ??
    judgeRisk(input) ??
    (input.order.side === 'BUY' ? judgeFunds(input) : judgePosition(input))
  );
}

function judgeQuantity({ order, instrument, quote }: GateInput): Verdict | undefined {
  const { quantity, notional, side } = order;
  if (notional && !quantity.greaterThan(ZERO)) {
    if (!quote) return refuse({ code: 'NO_QUOTE', symbol: instrument.symbol });
    const minimum = toText(new Decimal(instrument.lotSize).times(farPrice(side, quote)));
    return refuse({ code: 'NOTIONAL_TOO_SMALL', notional: toText(notional), minimum });
  }
  if (quantity.greaterThan(ZERO) && isMultipleOf(quantity, instrument.lotSize)) return undefined;
  const lotSize = toText(instrument.lotSize);
  return refuse({ code: 'INVALID_QUANTITY', quantity: toText(quantity), lotSize });
}

/** On the tick, and no limit that looks like a slip of the finger; a quote for what needs one. */
function judgePrices({ order, instrument, quote, risk }: GateInput): Verdict | undefined {
  const { side, type, limitPrice, stopPrice, timeInForce } = order;
  const tickSize = toText(instrument.tickSize);
  for (const [field, price] of Object.entries({ limitPrice, stopPrice })) {
    if (price === null || isMultipleOf(price, instrument.tickSize)) continue;
    return refuse({ code: 'INVALID_PRICE', field, price: toText(price), tickSize });
  }
  if (!quote && (type === 'MARKET' || isImmediate(timeInForce))) {
    return refuse({ code: 'NO_QUOTE', symbol: instrument.symbol });
  }
  const measure = stopPrice ?? (quote && farPrice(side, quote));
  if (limitPrice === null || !measure) return undefined;
  const sign = side === 'BUY' ? 1 : -1;
  const worst = new Decimal(risk.limits.priceCollar).times(sign).plus(1).times(measure);
  if (!new Decimal(limitPrice).minus(worst).times(sign).greaterThan(ZERO)) return undefined;
  const numbers = { price: toText(limitPrice), worst: toText(worst) };
  return refuse({ code: 'PRICE_OUT_OF_RANGE', ...numbers });
}

function judgeRisk({ order, instrument: { symbol }, quote, holding, risk }: GateInput) {
  const refusal = judgeLimits({ order, symbol, quote, holding, risk });
  return refusal && refuse(refusal);
}

/**
 * Enough cash for what it opens; what buys a short back is paid by the cash that the short holds
 * back.
 */
function judgeFunds({ account, instrument, order, quote, holding }: GateInput): Verdict {
  const reserveOf = (quantity: Decimal) =>
    reserveOfBuy({ ...order, quantity, ask: quote?.ask }, instrument, account);
  const opening = openedBy('BUY', order.quantity, holding);
  const covering = new Decimal(order.quantity).minus(opening);
  const required = reserveOf(opening);
  const cost = covering.isZero() ? ZERO : reserveOf(covering);
  if (!required || !cost) return refuse({ code: 'NO_QUOTE', symbol: instrument.symbol });
  if (cost.isZero()) return hold(account, required);
  const freed = new Decimal(holding.shortReserve).times(covering).dividedBy(holding.held.abs());
  const missing = toBookedCash(Decimal.max(cost.minus(freed), ZERO), account.currency);
  return hold(account, (opening.isZero() ? ZERO : required).plus(missing));
}

/**
 * Nothing is sold twice, and short only where the account allows it: then with its full notional
 * held.
 */
function judgePosition({ account, instrument, order, quote, holding }: GateInput): Verdict {
  const opening = openedBy('SELL', order.quantity, holding);
  if (opening.isZero()) {
    const missing = hold(account, feeMissing({ account, instrument, order, quote }));
    return missing.isAllowed ? { isAllowed: true, reserve: ZERO } : missing;
  }
  if (!account.allowsShort) {
    const available = toText(closableBy('SELL', holding));
    return refuse({ code: 'INSUFFICIENT_POSITION', required: toText(order.quantity), available });
  }
  const sale = { ...order, quantity: opening, bid: quote?.bid };
  const required = reserveOfShort(sale, instrument, account);
  if (!required) return refuse({ code: 'NO_QUOTE', symbol: instrument.symbol });
  return hold(account, required);
}

/**
 * What a sale that only closes takes of the free cash: as much of its fee as it does not bring in.
 * Nothing is held back for it; the fill looks again.
 */
function feeMissing({
  account,
  instrument,
  order: { quantity, limitPrice, stopPrice },
  quote,
}: Pick<GateInput, 'account' | 'instrument' | 'order' | 'quote'>): Decimal {
  const price = limitPrice ?? stopPrice ?? quote?.bid;
  if (!price) return ZERO;
  const proceeds = toBookedCash(new Decimal(quantity).times(price), account.currency);
  return Decimal.max(feeOf({ quantity, price }, instrument, account).minus(proceeds), ZERO);
}

/** What needs no cash of its own passes, even where a loss on a short left less than nothing. */
function hold(account: Account, required: Decimal): Verdict {
  const available = buyingPowerOf(account);
  if (required.isZero() || !required.greaterThan(available))
    return { isAllowed: true, reserve: required };
  const numbers = { required: toText(required), available: toText(available) };
  return refuse({ code: 'INSUFFICIENT_FUNDS', ...numbers });
}

function refuse(refusal: Refusal): Verdict {
  return { isAllowed: false, refusal };
}
