import { z } from 'zod';
import { InvalidInput, NotFound } from '../platform/errors.ts';
import { Decimal, toColumn, toText, ZERO } from '../platform/money.ts';
import { transition, type OrderEvent, type OrderState } from './engine/order-state.ts';
import { InvalidQuantity } from './errors.ts';
import { denialOf } from './refusal.ts';
import { parseTerms, type PlacementTerms, type WantedTerms } from './placement-terms.ts';
import type { Order } from '../platform/prisma/client.ts';
import type { OrderSide } from '../platform/prisma/enums.ts';
import type { Verdict } from './gate.ts';
import type { StateChange } from './order-inserts.ts';

/** An order, as its client asks for it. */
export interface PlaceOrder extends WantedTerms {
  readonly accountId: string;
  readonly symbol: string;
  readonly side: OrderSide;
  /** Positive. */
  readonly quantity: Decimal;
  /** Unique in the account; the same again is the same order. 1 to 100 characters. */
  readonly clientOrderId: string;
  /** Run of the model that places it. */
  readonly runId?: string;
}

/** The same with nothing left open. */
export type Placement = Omit<PlaceOrder, keyof WantedTerms> & PlacementTerms;

const CLIENT_ORDER_ID_MAX = 100;
const QUANTITY_LIMIT = new Decimal('1e15');
const uuid = z.uuid();

/** Refuses what could not be stored as an order, and gives the numbers their plain form. */
export function parsePlacement(command: PlaceOrder): Placement {
  const { accountId, clientOrderId, runId } = command;
  // An id that cannot be is answered like one that never was.
  if (!uuid.safeParse(accountId).success) throw new NotFound('Account');
  if (clientOrderId.length < 1 || clientOrderId.length > CLIENT_ORDER_ID_MAX) {
    throw new InvalidInput('clientOrderId', 'A client order id has 1 to 100 characters.');
  }
  if (runId !== undefined && !uuid.safeParse(runId).success) {
    throw new InvalidInput('runId', 'A run id is a UUID.');
  }
  const quantity = new Decimal(command.quantity);
  const isStorable = quantity.greaterThan(ZERO) && quantity.lessThan(QUANTITY_LIMIT);
  if (!isStorable || !toColumn(quantity).equals(quantity)) {
    throw new InvalidQuantity(null, quantity, null);
  }
  return { ...command, ...parseTerms(command), quantity };
}

/** What a key is bound to: the same order in other digits ("10" and "10.0") is the same. */
export function commandOf(placement: Placement) {
  const { accountId, symbol, side, quantity, runId, type, timeInForce } = placement;
  const { limitPrice, stopPrice, expiresAt } = placement;
  return {
    ...{ accountId, symbol, side, quantity: toText(quantity), runId: runId ?? null },
    // What is usual is left out, as it was when there was nothing else: keys outlive a release.
    ...(type !== 'MARKET' && { type }),
    ...(timeInForce !== 'GTC' && { timeInForce }),
    ...(limitPrice && { limitPrice: toText(limitPrice) }),
    ...(stopPrice && { stopPrice: toText(stopPrice) }),
    ...(expiresAt && { expiresAt: expiresAt.toISOString() }),
  };
}

interface NewOrder {
  readonly id: string;
  readonly ownerId: string;
  readonly instrumentId: string;
  readonly placement: Placement;
  /** When it ends by itself; null if it does not. */
  readonly expiresAt: Date | null;
  readonly verdict: Verdict;
  readonly now: Date;
}

/** What an order has that trails nothing, belongs to no group, and is at no broker. */
const STANDS_ALONE = {
  trailAmount: null,
  trailPercent: null,
  notional: null,
  orderClass: 'SIMPLE',
  leg: null,
  groupId: null,
  replacesId: null,
  replacedById: null,
  brokerOrderId: null,
} as const;

/**
 * The order as the verdict leaves it, and its history: ACCEPTED by way of SUBMITTED, since the paper
 * engine is the venue and cannot refuse what is stored; or DENIED, with the reason.
 */
export function newOrder(given: NewOrder): {
  readonly order: Order;
  readonly history: readonly StateChange[];
} {
  const { id, ownerId, instrumentId, placement, expiresAt, verdict, now } = given;
  const reason = verdict.isAllowed
    ? { reasonCode: null, reason: null }
    : { reasonCode: verdict.refusal.code, reason: denialOf(verdict.refusal, id).message };
  const events: readonly OrderEvent[] = verdict.isAllowed
    ? [{ type: 'submitted' }, { type: 'accepted' }]
    : [{ type: 'denied' }];
  const states = statesAfter(placement.quantity, events);
  const history = states.map((state, index) => ({
    sequence: state.version,
    fromStatus: states[index - 1]?.status ?? null,
    toStatus: state.status,
    reasonCode: state.status === 'DENIED' ? reason.reasonCode : null,
    occurredAt: now,
    recordedAt: now,
  }));
  const order: Order = {
    id,
    ownerId,
    accountId: placement.accountId,
    instrumentId,
    clientOrderId: placement.clientOrderId,
    side: placement.side,
    type: placement.type,
    timeInForce: placement.timeInForce,
    limitPrice: placement.limitPrice,
    stopPrice: placement.stopPrice,
    ...STANDS_ALONE,
    expiresAt,
    ...lastOf(states),
    reserved: verdict.isAllowed ? verdict.reserve : ZERO,
    ...reason,
    runId: placement.runId ?? null,
    createdAt: now,
    updatedAt: now,
  };
  return { order, history };
}

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

function lastOf(states: readonly OrderState[]): OrderState {
  const last = states.at(-1);
  if (!last) throw new Error('An order has a state.');
  return last;
}
