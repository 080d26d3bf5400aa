import { Decimal, isMultipleOf, toText, ZERO } from '../platform/money.ts';
import { buyingPowerOf } from '../portfolio/events.ts';
import { farPrice, isImmediate, type OrderTerms } from './engine/order-terms.ts';
import { reserveOfBuy } from './engine/reservation.ts';
import type { Account, Instrument } from '../platform/prisma/client.ts';
import type { Quote } from '../market/quote.ts';
import type { Refusal } from './refusal.ts';

/** Everything that the gate judges by; read under the account's lock. */
export interface GateInput {
  readonly account: Account;
  readonly instrument: Instrument;
  readonly order: OrderTerms & { readonly quantity: Decimal };
  /** The newest quote, if it is fresh. */
  readonly quote: Quote | undefined;
  /** What is held and in no open sell order. Read for sells alone. */
  readonly sellable: Decimal;
}

/** Cash to hold back for the order, or why it is refused. */
export type Verdict =
  | { readonly isAllowed: true; readonly reserve: Decimal }
  | { readonly isAllowed: false; readonly refusal: Refusal };

/**
 * The one gate before an order goes anywhere, the same for people and for agents (DOMAIN, "Orders").
 * Pure. The first refusal is the verdict, in the order of the checks below.
 */
export function judge(input: GateInput): Verdict {
  const { account, instrument } = input;
  if (account.status !== 'ACTIVE') {
    return refuse({ code: 'ACCOUNT_NOT_ACTIVE', status: account.status });
  }
  if (!instrument.isTradable) {
    return refuse({ code: 'INSTRUMENT_NOT_TRADABLE', symbol: instrument.symbol });
  }
  if (instrument.currency !== account.currency) {
    const currencies = { account: account.currency, instrument: instrument.currency };
    return refuse({ code: 'CURRENCY_MISMATCH', ...currencies });
  }
  return (
    judgeQuantity(input) ??
    judgePrices(input) ??
    (input.order.side === 'BUY' ? judgeFunds(input) : judgePosition(input))
  );
}

function judgeQuantity({ order: { quantity }, instrument }: GateInput): Verdict | undefined {
  if (quantity.greaterThan(ZERO) && isMultipleOf(quantity, instrument.lotSize)) return undefined;
  const lotSize = toText(instrument.lotSize);
  return refuse({ code: 'INVALID_QUANTITY', quantity: toText(quantity), lotSize });
}

/** A limit may be worse than the price it is measured by by this much, and not more. */
const PRICE_COLLAR = '0.2';

/** On the tick, and no limit that looks like a slip of the finger; a quote for what needs one. */
function judgePrices({ order, instrument, quote }: GateInput): Verdict | undefined {
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
  const worst = new Decimal(PRICE_COLLAR).times(sign).plus(1).times(measure);
  if (!new Decimal(limitPrice).minus(worst).times(sign).greaterThan(ZERO)) return undefined;
  const numbers = { price: toText(limitPrice), worst: toText(worst) };
  return refuse({ code: 'PRICE_OUT_OF_RANGE', ...numbers });
}

function judgeFunds({ account, instrument, order, quote }: GateInput): Verdict {
  const required = reserveOfBuy({ ...order, ask: quote?.ask }, instrument, account.currency);
  if (!required) return refuse({ code: 'NO_QUOTE', symbol: instrument.symbol });
  const available = buyingPowerOf(account);
  if (required.greaterThan(available)) {
    const numbers = { required: toText(required), available: toText(available) };
    return refuse({ code: 'INSUFFICIENT_FUNDS', ...numbers });
  }
  return { isAllowed: true, reserve: required };
}

/** Nothing is sold short, and nothing twice. */
function judgePosition({ order: { quantity }, sellable }: GateInput): Verdict {
  if (quantity.greaterThan(sellable)) {
    const numbers = { required: toText(quantity), available: toText(sellable) };
    return refuse({ code: 'INSUFFICIENT_POSITION', ...numbers });
  }
  return { isAllowed: true, reserve: ZERO };
}

function refuse(refusal: Refusal): Verdict {
  return { isAllowed: false, refusal };
}
