import { ZERO, type Decimal } from '../platform/money.ts';
import { transition, type OrderEvent, type OrderState } from './engine/order-state.ts';
import { denialOf } from './refusal.ts';
import type { Ids } from '../platform/ids.ts';
import type { Order } from '../platform/prisma/client.ts';
import type { OrderSide } from '../platform/prisma/enums.ts';
import type { Verdict } from './gate.ts';
import type { StateChange } from './order-inserts.ts';
import type { Placement } from './placement.ts';

/**
 * A placement with what only the market tells: the quantity of a notional, a trailing stop's first
 * stop.
 */
export type ReckonedPlacement = Placement & { readonly quantity: Decimal };

export interface NewOrder {
  readonly order: Order;
  readonly history: readonly StateChange[];
}

interface Given {
  readonly id: string;
  readonly ownerId: string;
  readonly instrumentId: string;
  readonly placement: ReckonedPlacement;
  /** When it ends by itself; null if it does not. */
  readonly expiresAt: Date | null;
  readonly verdict: Verdict;
  /** It waits as PENDING: to be sent to a broker, or for its entry to fill. */
  readonly isWaiting?: boolean;
  readonly now: Date;
}

const BEGINS: readonly OrderEvent[] = [{ type: 'submitted' }, { type: 'accepted' }];

/**
 * The order as the verdict leaves it, and its history: ACCEPTED by way of SUBMITTED, since the
 * paper engine is the venue and cannot refuse what is stored; PENDING if it waits; or DENIED, with
 * the reason. An order with legs is the first of a group, which has its id; of OCO it is the
 * take-profit.
 */
export function newOrder(given: Given): NewOrder {
  const { id, ownerId, instrumentId, placement, expiresAt, verdict, now } = given;
  const { accountId, clientOrderId, side, type, timeInForce, limitPrice } = placement;
  const { trailAmount, trailPercent, notional, quantity, orderClass, runId } = placement;
  // A stop that trails by more than the price is denied, and is no price.
  const stopPrice = placement.stopPrice?.greaterThan(ZERO) ? placement.stopPrice : null;
  const reason = verdict.isAllowed
    ? { reasonCode: null, reason: null }
    : { reasonCode: verdict.refusal.code, reason: denialOf(verdict.refusal, id).message };
  const begins = given.isWaiting === true ? [] : BEGINS;
  const events: readonly OrderEvent[] = verdict.isAllowed ? begins : [{ type: 'denied' }];
  const states = statesAfter(quantity, events);
  const order: Order = {
    ...{ id, ownerId, accountId, instrumentId, clientOrderId, side, type, timeInForce },
    ...{ limitPrice, stopPrice, trailAmount, trailPercent, notional, orderClass, expiresAt },
    leg: orderClass === 'SIMPLE' ? null : orderClass === 'OCO' ? 'TAKE_PROFIT' : 'ENTRY',
    groupId: orderClass === 'SIMPLE' ? null : id,
    replacesId: null,
    replacedById: null,
    brokerOrderId: null,
    ...lastOf(states),
    reserved: verdict.isAllowed ? verdict.reserve : ZERO,
    ...reason,
    runId: runId ?? null,
    createdAt: now,
    updatedAt: now,
  };
  return { order, history: historyOf(states, now, reason.reasonCode) };
}

/** What tells a leg from the order that it belongs to. */
type LegTerms = Pick<Order, 'leg' | 'type' | 'limitPrice' | 'stopPrice'>;

const LEG_NAMES = { TAKE_PROFIT: 'take-profit', STOP_LOSS: 'stop-loss' } as const;

/** The client order ids that the legs of an order take besides its own. */
export const legClientOrderIds = (clientOrderId: string): readonly string[] =>
  Object.values(LEG_NAMES).map((name) => `${clientOrderId}:${name}`);

/**
 * The legs of an order that was accepted. They close what their entry opens, hold back no cash, and
 * wait as PENDING; those of OCO stand beside it and work at once. An entry's time is not theirs:
 * one that ends half filled leaves them to guard what it filled, so that they are GTC. Those of OCO
 * share the time of the other.
 */
export function newLegs(
  entry: Order,
  { takeProfit, stopLoss, orderClass }: Pick<Placement, 'takeProfit' | 'stopLoss' | 'orderClass'>,
  ids: Ids,
): readonly NewOrder[] {
  const isOco = orderClass === 'OCO';
  const legs: readonly LegTerms[] = [
    ...(takeProfit && !isOco ? [takeProfitTerms(takeProfit.limitPrice)] : []),
    ...(stopLoss ? [stopLossTerms(stopLoss)] : []),
  ];
  const side = isOco ? entry.side : opposite(entry.side);
  const time = isOco ? {} : ({ timeInForce: 'GTC', expiresAt: null } as const);
  const states = statesAfter(entry.quantity, isOco ? BEGINS : []);
  return legs.map((terms) => ({
    order: {
      ...entry,
      ...time,
      ...terms,
      ...lastOf(states),
      id: ids.next(),
      clientOrderId: `${entry.clientOrderId}:${LEG_NAMES[terms.leg === 'STOP_LOSS' ? 'STOP_LOSS' : 'TAKE_PROFIT']}`,
      side,
      notional: null,
      reserved: ZERO,
    },
    history: historyOf(states, entry.createdAt, null),
  }));
}

const takeProfitTerms = (limitPrice: Decimal): LegTerms => ({
  ...{ leg: 'TAKE_PROFIT', type: 'LIMIT', limitPrice, stopPrice: null },
});

const stopLossTerms = ({
  stopPrice,
  limitPrice,
}: NonNullable<Placement['stopLoss']>): LegTerms => ({
  ...{ leg: 'STOP_LOSS', type: limitPrice ? 'STOP_LIMIT' : 'STOP', limitPrice, stopPrice },
});

const opposite = (side: OrderSide): OrderSide => (side === 'BUY' ? 'SELL' : 'BUY');

/** The states of a new order, from PENDING on. */
function statesAfter(quantity: Decimal, events: readonly OrderEvent[]): readonly OrderState[] {
  const pending: OrderState = {
    status: 'PENDING',
    quantity,
    filledQuantity: ZERO,
    filledNotional: ZERO,
    version: 1,
  };
  const states = [pending];
  for (const event of events) states.push(transition(lastOf(states), event));
  return states;
}

function historyOf(
  states: readonly OrderState[],
  now: Date,
  reasonCode: string | null,
): readonly StateChange[] {
  return states.map((state, index) => ({
    sequence: state.version,
    fromStatus: states[index - 1]?.status ?? null,
    toStatus: state.status,
    reasonCode: state.status === 'DENIED' ? reasonCode : null,
    occurredAt: now,
    recordedAt: now,
  }));
}

function lastOf(states: readonly OrderState[]): OrderState {
  const last = states.at(-1);
  if (!last) throw new Error('An order has a state.');
  return last;
}
