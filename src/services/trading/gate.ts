import { isMultipleOf, toText, ZERO, type Decimal } from '../platform/money.ts';
import { buyingPowerOf } from '../portfolio/events.ts';
import { reserveOfMarketBuy } from './engine/reservation.ts';
import type { Account, Instrument } from '../platform/prisma/client.ts';
import type { OrderSide } from '../platform/prisma/enums.ts';
import type { Quote } from '../market/quote.ts';
import type { Refusal } from './refusal.ts';

/** Everything that the gate judges by; read under the account's lock. */
export interface GateInput {
  readonly account: Account;
  readonly instrument: Instrument;
  readonly side: OrderSide;
  /** Positive. */
  readonly quantity: Decimal;
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
  const { account, instrument, quantity, quote } = input;
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
  if (!quantity.greaterThan(ZERO) || !isMultipleOf(quantity, instrument.lotSize)) {
    const lotSize = toText(instrument.lotSize);
    return refuse({ code: 'INVALID_QUANTITY', quantity: toText(quantity), lotSize });
  }
  if (!quote) return refuse({ code: 'NO_QUOTE', symbol: instrument.symbol });
  return input.side === 'BUY' ? judgeFunds(input, quote) : judgePosition(input);
}

function judgeFunds({ account, instrument, quantity }: GateInput, { ask }: Quote): Verdict {
  const required = reserveOfMarketBuy({ quantity, ask }, instrument, account.currency);
  const available = buyingPowerOf(account);
  if (required.greaterThan(available)) {
    const numbers = { required: toText(required), available: toText(available) };
    return refuse({ code: 'INSUFFICIENT_FUNDS', ...numbers });
  }
  return { isAllowed: true, reserve: required };
}

/** Nothing is sold short, and nothing twice. */
function judgePosition({ quantity, sellable }: GateInput): Verdict {
  if (quantity.greaterThan(sellable)) {
    const numbers = { required: toText(quantity), available: toText(sellable) };
    return refuse({ code: 'INSUFFICIENT_POSITION', ...numbers });
  }
  return { isAllowed: true, reserve: ZERO };
}

function refuse(refusal: Refusal): Verdict {
  return { isAllowed: false, refusal };
}
