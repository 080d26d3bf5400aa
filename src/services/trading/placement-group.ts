import { InvalidInput } from '../platform/errors.ts';
import { toText, type Decimal } from '../platform/money.ts';
import type { OrderClass } from '../platform/prisma/enums.ts';
import { isImmediate } from './engine/order-terms.ts';
import { parsePrice, type WantedTerms } from './placement-terms.ts';

/** The legs of an order, as a client asks for them: none when all of it is left out. */
export interface WantedGroup {
  /** SIMPLE if left out. */
  readonly orderClass?: OrderClass;
  /** A limit order that takes the profit. Of BRACKET, OCO, and OTO without a stop-loss. */
  readonly takeProfit?: { readonly limitPrice: Decimal };
  /**
   * A stop order, or a stop-limit order, that ends a loss. Of BRACKET, OCO, and OTO without the
   * other.
   */
  readonly stopLoss?: {
    readonly stopPrice: Decimal;
    /** With it a stop-limit order. */
    readonly limitPrice?: Decimal | null | undefined;
  };
}

/** The same with nothing left open. */
export interface PlacementGroup {
  readonly orderClass: OrderClass;
  readonly takeProfit: { readonly limitPrice: Decimal } | null;
  readonly stopLoss: { readonly stopPrice: Decimal; readonly limitPrice: Decimal | null } | null;
}

/** Throws InvalidInput, with the field, for legs that no order can have. */
export function parseGroup(wanted: WantedGroup & WantedTerms): PlacementGroup {
  const { orderClass = 'SIMPLE' } = wanted;
  const takeProfit = wanted.takeProfit ? parseTakeProfit(wanted.takeProfit) : null;
  const stopLoss = wanted.stopLoss ? parseStopLoss(wanted.stopLoss) : null;
  const count = Number(takeProfit !== null) + Number(stopLoss !== null);
  const expected = { SIMPLE: 0, BRACKET: 2, OCO: 2, OTO: 1 }[orderClass];
  if (count !== expected)
    throw new InvalidInput(missing(takeProfit, count, expected), LEGS[orderClass]);
  if (orderClass !== 'SIMPLE') expectStanding(wanted);
  return { orderClass, takeProfit, stopLoss };
}

/**
 * The order that legs of OCO are placed as: its take-profit. There is no other order, so that a
 * type and prices besides those of the legs are refused.
 */
export function termsOfOco(wanted: WantedGroup & WantedTerms): WantedTerms {
  const { type = 'LIMIT', limitPrice, stopPrice, takeProfit } = wanted;
  if (type !== 'LIMIT')
    throw new InvalidInput('type', 'The legs of OCO are LIMIT and STOP orders.');
  for (const [field, price] of Object.entries({ limitPrice, stopPrice })) {
    if (price) throw new InvalidInput(field, 'The prices of OCO are those of its legs.');
  }
  return { ...wanted, type, ...(takeProfit && { limitPrice: takeProfit.limitPrice }) };
}

/** For what a key is bound to; nothing for an order without legs. */
export function groupInCommand({ orderClass, takeProfit, stopLoss }: PlacementGroup) {
  if (orderClass === 'SIMPLE') return {};
  return {
    orderClass,
    ...(takeProfit && { takeProfit: toText(takeProfit.limitPrice) }),
    ...(stopLoss && { stopLoss: toText(stopLoss.stopPrice) }),
    ...(stopLoss?.limitPrice && { stopLossLimit: toText(stopLoss.limitPrice) }),
  };
}

const LEGS: Readonly<Record<OrderClass, string>> = {
  SIMPLE: 'An order of the class SIMPLE has no legs.',
  BRACKET: 'A BRACKET needs takeProfit and stopLoss.',
  OCO: 'OCO needs takeProfit and stopLoss.',
  OTO: 'OTO needs either takeProfit or stopLoss.',
};

function missing(takeProfit: object | null, count: number, expected: number): string {
  const isTooMany = count > expected;
  return (takeProfit === null) === isTooMany ? 'stopLoss' : 'takeProfit';
}

/**
 * Legs wait, so that their entry must be able to stand as well; so must each that takes the place
 * of one.
 */
export function expectStanding({
  type = 'MARKET',
  timeInForce = 'GTC',
}: Pick<WantedTerms, 'type' | 'timeInForce'>): void {
  if (isImmediate(timeInForce)) {
    throw new InvalidInput('timeInForce', 'An order with legs is DAY, GTC or GTD.');
  }
  if (type === 'TRAILING_STOP') {
    throw new InvalidInput('type', 'An order with legs is MARKET, LIMIT, STOP or STOP_LIMIT.');
  }
}

function parseTakeProfit({ limitPrice }: NonNullable<WantedGroup['takeProfit']>) {
  return { limitPrice: required('takeProfit.limitPrice', limitPrice) };
}

function parseStopLoss({ stopPrice, limitPrice }: NonNullable<WantedGroup['stopLoss']>) {
  return {
    stopPrice: required('stopLoss.stopPrice', stopPrice),
    limitPrice: parsePrice('stopLoss.limitPrice', limitPrice ?? undefined),
  };
}

function required(field: string, wanted: Decimal): Decimal {
  const price = parsePrice(field, wanted);
  if (!price) throw new InvalidInput(field, 'A price is needed.');
  return price;
}
