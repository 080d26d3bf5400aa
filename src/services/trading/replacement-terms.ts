import { z } from 'zod';
import { InvalidInput, NotFound } from '../platform/errors.ts';
import { Decimal, toColumn, toText, ZERO } from '../platform/money.ts';
import { hasStop, hasTrigger, type BestPrices } from './engine/order-terms.ts';
import { isFillable } from './engine/order-state.ts';
import {
  compareWatermarks,
  stopBehind,
  trailedPrice,
  watermarkBefore,
} from './engine/trailing-stop.ts';
import { InvalidQuantity } from './errors.ts';
import type { ReckonedPlacement } from './new-orders.ts';
import { CLIENT_ORDER_ID_MAX, QUANTITY_LIMIT } from './order-bounds.ts';
import { expectStanding } from './placement-group.ts';
import { parseTerms, type PlacementTerms, type WantedTerms } from './placement-terms.ts';
import type { Instrument, Order } from '../platform/prisma/client.ts';

/** What of an order is to be otherwise; what is left out stays as it is. */
export interface ReplaceOrder extends Omit<WantedTerms, 'type'> {
  readonly orderId: string;
  /** The new total: what is filled already is part of it. */
  readonly quantity?: Decimal;
  /** Of the order that takes its place. Unique in the account; the same again is the same order. */
  readonly clientOrderId: string;
}

const uuid = z.uuid();

/** Refuses what could not be stored, and what changes nothing. */
export function parseReplacement(command: ReplaceOrder): ReplaceOrder {
  const { orderId, clientOrderId, quantity, ...terms } = command;
  if (!uuid.safeParse(orderId).success) throw new NotFound('Order');
  if (clientOrderId.length < 1 || clientOrderId.length > CLIENT_ORDER_ID_MAX) {
    throw new InvalidInput('clientOrderId', 'A client order id has 1 to 100 characters.');
  }
  if (quantity === undefined && Object.keys(terms).length === 0) {
    throw new InvalidInput('quantity', 'Nothing is said that is to be otherwise.');
  }
  if (quantity === undefined) return command;
  const isStorable = quantity.greaterThan(ZERO) && quantity.lessThan(QUANTITY_LIMIT);
  if (isStorable && toColumn(quantity).equals(quantity)) return command;
  throw new InvalidQuantity(null, quantity, null);
}

/** What a key is bound to. */
export function commandOfReplacement(command: ReplaceOrder) {
  const { orderId, timeInForce, expiresAt } = command;
  const { quantity, limitPrice, stopPrice, trailAmount, trailPercent } = command;
  const numbers = { quantity, limitPrice, stopPrice, trailAmount, trailPercent };
  const texts = Object.entries(numbers).flatMap(([name, number]) =>
    number ? [[name, toText(new Decimal(number))]] : [],
  );
  return {
    orderId,
    ...(Object.fromEntries(texts) as Record<string, string>),
    ...(timeInForce && { timeInForce }),
    ...(expiresAt && { expiresAt: expiresAt.toISOString() }),
  };
}

/**
 * Whether an order may be replaced: it works, or waits for its entry, and its stop has not gone
 * off. What a stop has set off is at the market already, or would have to wait for the stop once
 * more.
 */
export function isReplaceable({ status, type }: Pick<Order, 'status' | 'type'>): boolean {
  if (status === 'PENDING') return true;
  return hasTrigger(type) ? status === 'ACCEPTED' : isFillable(status);
}

/**
 * The terms of an order with what is to be otherwise. Throws InvalidInput for what no order can
 * have.
 */
function termsAfter(order: Order, wanted: ReplaceOrder): PlacementTerms {
  const { type } = order;
  const timeInForce = wanted.timeInForce ?? order.timeInForce;
  const isUntil = timeInForce === 'GTD';
  const expiresAt = wanted.expiresAt ?? (isUntil ? order.expiresAt : null);
  const isNewTrail = wanted.trailAmount !== undefined || wanted.trailPercent !== undefined;
  const { trailAmount, trailPercent } = isNewTrail ? wanted : order;
  const limitPrice = wanted.limitPrice ?? order.limitPrice;
  const stopPrice = wanted.stopPrice ?? (hasStop(type) ? order.stopPrice : null);
  return parseTerms({
    ...{ type, timeInForce },
    ...(limitPrice && { limitPrice }),
    ...(stopPrice && { stopPrice }),
    ...(trailAmount && { trailAmount }),
    ...(trailPercent && { trailPercent }),
    ...(expiresAt && { expiresAt }),
  });
}

/** What is there to price the new order by. */
interface Market {
  /** What it is to fill. */
  readonly rest: Decimal;
  readonly quote: BestPrices | undefined;
  readonly instrument: Pick<Instrument, 'symbol' | 'tickSize'>;
}

/**
 * The order that takes the place of another, as if it were placed alone. Of a trailing stop the
 * best price that was seen is not forgotten. Throws InvalidInput for what no order can have, and of
 * an order in a group for a quantity, which all of them share, and for what cannot wait, which
 * would end all of them.
 */
export function placementAfter(
  order: Order,
  command: ReplaceOrder,
  { rest, quote, instrument }: Market,
): ReckonedPlacement {
  if (order.groupId !== null && command.quantity !== undefined) {
    throw new InvalidInput('quantity', 'The orders of a group are for the same quantity.');
  }
  const { accountId, side, runId } = order;
  const terms = termsAfter(order, command);
  if (order.groupId !== null) expectStanding(terms);
  return {
    ...terms,
    ...{ accountId, side, symbol: instrument.symbol, clientOrderId: command.clientOrderId },
    ...(runId !== null && { runId }),
    ...{ quantity: rest, notional: null, orderClass: 'SIMPLE', takeProfit: null, stopLoss: null },
    stopPrice: trailedStop(order, { ...terms, side }, { quote, instrument }) ?? terms.stopPrice,
  };
}

function trailedStop(
  order: Order,
  trail: PlacementTerms & Pick<Order, 'side'>,
  { quote, instrument: { tickSize } }: Pick<Market, 'quote' | 'instrument'>,
): Decimal | null {
  if (order.type !== 'TRAILING_STOP') return null;
  const before = order.stopPrice && watermarkBefore(order, order.stopPrice, tickSize);
  const now = quote && trailedPrice(order.side, quote);
  const [first, second] = [before, now].flatMap((watermark) => watermark ?? []);
  if (!first) return null;
  const isBetter = second && compareWatermarks(order.side, second, first) > 0;
  return stopBehind(trail, isBetter ? second : first, tickSize);
}

/** Whether it says how long the order stands; what does not, leaves the end where it was. */
export const isTimed = ({ timeInForce, expiresAt }: ReplaceOrder): boolean =>
  timeInForce !== undefined || expiresAt !== undefined;
