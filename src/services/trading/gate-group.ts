import { Decimal, isMultipleOf, toText, ZERO } from '../platform/money.ts';
import type { OrderSide } from '../platform/prisma/enums.ts';
import type { GateInput, Verdict } from './gate.ts';
import { closableBy } from './engine/exposure.ts';
import { farPrice } from './engine/order-terms.ts';
import type { Refusal } from './refusal.ts';

interface Priced {
  readonly field: string;
  readonly price: Decimal;
}

/**
 * What the gate says of an order's legs and of its trail. A profit is taken beyond the price that
 * the order is entered at and a loss is ended before it; for OCO, which enters nothing, the two lie
 * on either side of each other and close no more than is there. Undefined when there is nothing to
 * say.
 */
export function judgeGroup(input: GateInput): Verdict | undefined {
  const { order, instrument, holding } = input;
  const trail = trailRefusal(input);
  if (trail) return refuse(trail);
  const { orderClass = 'SIMPLE' } = order;
  if (orderClass === 'SIMPLE') return undefined;
  for (const { field, price } of legPrices(order)) {
    if (isMultipleOf(price, instrument.tickSize)) continue;
    const numbers = { price: toText(price), tickSize: toText(instrument.tickSize) };
    return refuse({ code: 'INVALID_PRICE', field, ...numbers });
  }
  const wrong = orderClass === 'OCO' ? ocoRefusal(order) : legRefusal(input);
  if (wrong) return refuse(wrong);
  if (orderClass !== 'OCO') return undefined;
  // Legs hold nothing back for what they would open: they close what is there.
  const closable = closableBy(order.side, holding);
  if (order.quantity.lessThanOrEqualTo(closable)) return undefined;
  const numbers = { required: toText(order.quantity), available: toText(closable) };
  return refuse({ code: 'INSUFFICIENT_POSITION', ...numbers, isClosing: true });
}

function trailRefusal({ order, instrument, quote }: GateInput): Refusal | undefined {
  const { trailAmount, stopPrice, side } = order;
  if (trailAmount && !isMultipleOf(trailAmount, instrument.tickSize)) {
    const numbers = { price: toText(trailAmount), tickSize: toText(instrument.tickSize) };
    return { code: 'INVALID_PRICE', field: 'trailAmount', ...numbers };
  }
  if (order.type !== 'TRAILING_STOP' || !quote || !stopPrice) return undefined;
  if (stopPrice.greaterThan(ZERO)) return undefined;
  const price = farPrice(side, quote);
  if (trailAmount) return wrongSide({ field: 'trailAmount', price: trailAmount }, 'BELOW', price);
  const percent = { field: 'trailPercent', price: order.trailPercent ?? ZERO };
  return wrongSide(percent, 'BELOW', percentTooFar(price, instrument.tickSize));
}

/** The smallest percent, of those with 6 decimals, that leaves less than a tick of the price. */
function percentTooFar(price: Decimal, tickSize: Decimal): Decimal {
  const farthest = new Decimal(price).minus(tickSize).dividedBy(price).times(100);
  return farthest.toDecimalPlaces(6, Decimal.ROUND_FLOOR).plus('0.000001');
}

function legRefusal({ order, quote }: GateInput): Refusal | undefined {
  const { side, takeProfit, stopLoss } = order;
  const entry = order.limitPrice ?? order.stopPrice ?? (quote && farPrice(side, quote));
  if (!entry) return undefined;
  const [beyond, before] = beyondAndBefore(side);
  const profit = takeProfit && { field: 'takeProfit.limitPrice', price: takeProfit.limitPrice };
  const loss = stopLoss && { field: 'stopLoss.stopPrice', price: stopLoss.stopPrice };
  if (profit && !isOn(beyond, profit.price, entry)) return wrongSide(profit, beyond, entry);
  if (loss && !isOn(before, loss.price, entry)) return wrongSide(loss, before, entry);
  return undefined;
}

/** Its own side is that of the legs. */
function ocoRefusal({ side, takeProfit, stopLoss }: GateInput['order']): Refusal | undefined {
  if (!takeProfit || !stopLoss) return undefined;
  const [beyond] = beyondAndBefore(side === 'SELL' ? 'BUY' : 'SELL');
  if (isOn(beyond, takeProfit.limitPrice, stopLoss.stopPrice)) return undefined;
  const profit = { field: 'takeProfit.limitPrice', price: takeProfit.limitPrice };
  return wrongSide(profit, beyond, stopLoss.stopPrice);
}

type Where = 'ABOVE' | 'BELOW';

/** Where the profit of an entry lies, and where its loss does. */
const beyondAndBefore = (entry: OrderSide): readonly [Where, Where] =>
  entry === 'BUY' ? ['ABOVE', 'BELOW'] : ['BELOW', 'ABOVE'];

const isOn = (where: Where, price: Decimal, reference: Decimal): boolean =>
  where === 'ABOVE' ? price.greaterThan(reference) : price.lessThan(reference);

function legPrices({ takeProfit, stopLoss }: GateInput['order']): readonly Priced[] {
  return [
    ...(takeProfit ? [{ field: 'takeProfit.limitPrice', price: takeProfit.limitPrice }] : []),
    ...(stopLoss ? [{ field: 'stopLoss.stopPrice', price: stopLoss.stopPrice }] : []),
    ...(stopLoss?.limitPrice ? [{ field: 'stopLoss.limitPrice', price: stopLoss.limitPrice }] : []),
  ];
}

function wrongSide({ field, price }: Priced, where: Where, reference: Decimal): Refusal {
  const numbers = { price: toText(price), reference: toText(reference) };
  return { code: 'PRICE_ON_WRONG_SIDE', field, where, ...numbers };
}

function refuse(refusal: Refusal): Verdict {
  return { isAllowed: false, refusal };
}
