import { Decimal, toColumn } from '../../platform/money.ts';
import type { OrderStatus } from '../../platform/prisma/enums.ts';

/** What an order's state depends on. Quantities are positive, `filledQuantity` may be zero. */
export interface OrderState {
  readonly status: OrderStatus;
  readonly quantity: Decimal;
  readonly filledQuantity: Decimal;
  /** Sum of price × quantity over its fills. */
  readonly filledNotional: Decimal;
  /** Rises by one with every change. */
  readonly version: number;
}

/** What a venue says of an order that it works on. */
export type WorkingStatus = 'ACCEPTED' | 'TRIGGERED' | 'PARTIALLY_FILLED';

/** What can happen to an order. */
export type OrderEvent =
  /** Our own gate refused it. */
  | { readonly type: 'denied' }
  /** It was sent to the venue. */
  | { readonly type: 'submitted' }
  | { readonly type: 'accepted' }
  /** The venue refused it. */
  | { readonly type: 'rejected' }
  /** The price of a stop was seen. */
  | { readonly type: 'triggered' }
  | { readonly type: 'filled'; readonly quantity: Decimal; readonly price: Decimal }
  | { readonly type: 'cancelRequested' }
  /** The venue goes on working on it, and says in which state. */
  | { readonly type: 'cancelRefused'; readonly status: WorkingStatus }
  | { readonly type: 'canceled' }
  /**
   * An order of a group is for as much as its group leaves it: more when its entry fills, less when
   * the other leg does. Never down to what is filled: that ends it, by another event.
   */
  | { readonly type: 'resized'; readonly quantity: Decimal }
  /** Another order took its place. */
  | { readonly type: 'replaced' }
  /** Its time in force ended. */
  | { readonly type: 'expired' }
  /** The venue did not answer, so that nobody knows whether it has the order. */
  | { readonly type: 'timedOut' };

export type OrderEventType = OrderEvent['type'];

/** A move that the table does not have: a bug here, or a venue that broke its protocol. */
export class IllegalTransition extends Error {
  override readonly name = 'IllegalTransition';
}

/**
 * Where a move leads: a state; `BY_QUANTITY`, FILLED or PARTIALLY_FILLED by what is filled then;
 * `OR_FILLED`, the state it was in unless it is filled entirely; `AS_REPORTED`, what the event
 * says; `AS_BEFORE`, the state it was in.
 */
type Target = OrderStatus | 'BY_QUANTITY' | 'OR_FILLED' | 'AS_REPORTED' | 'AS_BEFORE';

/** Moves that any order at a venue can make. */
const AT_VENUE = {
  filled: 'BY_QUANTITY',
  canceled: 'CANCELED',
  expired: 'EXPIRED',
} as const;

/** A fill that happened before its order ended, and is told after: it is a fact, and is booked. */
const LATE_FILL = { filled: 'OR_FILLED' } as const;

/** The one table of an order's life (DOMAIN, "Orders"). What it leaves out is illegal. */
const TABLE: Readonly<Record<OrderStatus, Readonly<Partial<Record<OrderEventType, Target>>>>> = {
  // It has not left us: we may deny, cancel or expire it by ourselves, and nobody can fill it.
  // A leg waits like that for its entry, and may be replaced or resized meanwhile.
  PENDING: {
    denied: 'DENIED',
    submitted: 'SUBMITTED',
    canceled: 'CANCELED',
    expired: 'EXPIRED',
    replaced: 'REPLACED',
    resized: 'AS_BEFORE',
  },

  SUBMITTED: {
    // A venue may fill, trigger, cancel (immediate-or-cancel) or expire an order before its
    // acknowledgement reaches us: any such news is the acknowledgement as well.
    ...AT_VENUE,
    accepted: 'ACCEPTED',
    rejected: 'REJECTED',
    triggered: 'TRIGGERED',
    cancelRequested: 'CANCEL_PENDING',
    // Not lost and not refused, but not known. It is never sent again blindly.
    timedOut: 'UNKNOWN',
  },

  ACCEPTED: {
    ...AT_VENUE,
    triggered: 'TRIGGERED',
    cancelRequested: 'CANCEL_PENDING',
    replaced: 'REPLACED',
    resized: 'AS_BEFORE',
    // Some venues acknowledge first and refuse after their own checks.
    rejected: 'REJECTED',
  },

  TRIGGERED: {
    ...AT_VENUE,
    cancelRequested: 'CANCEL_PENDING',
    replaced: 'REPLACED',
    resized: 'AS_BEFORE',
    // The order that a stop sets off is checked when it is set off.
    rejected: 'REJECTED',
  },

  // No `rejected`: what is partly done cannot be refused, only ended.
  PARTIALLY_FILLED: {
    ...AT_VENUE,
    cancelRequested: 'CANCEL_PENDING',
    replaced: 'REPLACED',
    resized: 'AS_BEFORE',
  },

  CANCEL_PENDING: {
    canceled: 'CANCELED',
    expired: 'EXPIRED',
    cancelRefused: 'AS_REPORTED',
    // The fill won the race in part: the rest is still about to be canceled.
    filled: 'OR_FILLED',
    // Its acknowledgement or its trigger crossed our request: the request stands.
    accepted: 'CANCEL_PENDING',
    triggered: 'CANCEL_PENDING',
    // The cancel was asked for before the venue had refused the order; not after a fill.
    rejected: 'REJECTED',
  },

  // Reconciled by client order id: it leaves to whatever the venue reports. `cancelRequested` is
  // the venue's report of a cancel that is under way. Only `rejected` says that it never was there.
  UNKNOWN: {
    ...AT_VENUE,
    accepted: 'ACCEPTED',
    rejected: 'REJECTED',
    triggered: 'TRIGGERED',
    cancelRequested: 'CANCEL_PENDING',
    replaced: 'REPLACED',
  },

  CANCELED: LATE_FILL,
  EXPIRED: LATE_FILL,
  REPLACED: LATE_FILL,

  FILLED: {},
  DENIED: {},
  REJECTED: {},
};

/**
 * The order after the event. Pure; the only owner of what may follow what.
 * @throws IllegalTransition when the table has no such move, when a fill is not positive or more
 *   than what is left, when nothing would be left to fill after a change of size, or when what is reported contradicts the fills: no order is REJECTED that
 *   was filled in part
 */
export function transition(order: OrderState, event: OrderEvent): OrderState {
  const target = TABLE[order.status][event.type];
  if (target === undefined) {
    throw new IllegalTransition(`An order that is ${order.status} cannot be ${event.type}.`);
  }
  if (target === 'REJECTED') refuseIfFilled(order);
  const after = numbersAfter(order, event);
  return {
    status: resolve(target, after, event),
    quantity: after.quantity,
    filledQuantity: after.filledQuantity,
    filledNotional: after.filledNotional,
    version: order.version + 1,
  };
}

function refuseIfFilled({ filledQuantity }: OrderState): void {
  if (filledQuantity.isZero()) return;
  throw new IllegalTransition(`An order with ${filledQuantity.toFixed()} filled was not rejected.`);
}

function resolve(target: Target, order: OrderState, event: OrderEvent): OrderStatus {
  const isFilled = remainingOf(order).isZero();
  switch (target) {
    case 'BY_QUANTITY':
      return isFilled ? 'FILLED' : 'PARTIALLY_FILLED';
    case 'OR_FILLED':
      return isFilled ? 'FILLED' : order.status;
    case 'AS_BEFORE':
      return order.status;
    case 'AS_REPORTED':
      return reportedStatus(order, event);
    default:
      return target;
  }
}

function reportedStatus(order: OrderState, event: OrderEvent): OrderStatus {
  const status = event.type === 'cancelRefused' ? event.status : order.status;
  if ((status === 'PARTIALLY_FILLED') !== order.filledQuantity.greaterThan(0)) {
    const filled = order.filledQuantity.toFixed();
    throw new IllegalTransition(`An order with ${filled} filled cannot be ${status}.`);
  }
  return status;
}

function numbersAfter(order: OrderState, event: OrderEvent): OrderState {
  if (event.type === 'filled') return addFill(order, event);
  if (event.type !== 'resized') return order;
  if (event.quantity.greaterThan(order.filledQuantity)) {
    return { ...order, quantity: event.quantity };
  }
  const filled = order.filledQuantity.toFixed();
  throw new IllegalTransition(
    `An order with ${filled} filled is not for ${event.quantity.toFixed()}.`,
  );
}

function addFill(
  order: OrderState,
  { quantity, price }: { readonly quantity: Decimal; readonly price: Decimal },
): OrderState {
  const isPossible = quantity.greaterThan(0) && quantity.lessThanOrEqualTo(remainingOf(order));
  if (!isPossible || !price.greaterThan(0)) {
    throw new IllegalTransition(
      `${quantity.toFixed()} at ${price.toFixed()} cannot fill ${remainingOf(order).toFixed()}.`,
    );
  }
  return {
    ...order,
    filledQuantity: new Decimal(order.filledQuantity).plus(quantity),
    filledNotional: toColumn(new Decimal(quantity).times(price).plus(order.filledNotional)),
  };
}

/** What is left to fill. */
export function remainingOf(order: Pick<OrderState, 'quantity' | 'filledQuantity'>): Decimal {
  return new Decimal(order.quantity).minus(order.filledQuantity);
}

/** Our paper engine fills these. */
export const FILLABLE: readonly OrderStatus[] = ['ACCEPTED', 'PARTIALLY_FILLED', 'TRIGGERED'];

export const isFillable = (status: OrderStatus): boolean => FILLABLE.includes(status);

/** Whether it can still change by itself, and so may hold cash back. */
export const isWorking = (status: OrderStatus): boolean => WORKING.includes(status);

/** As the partial index `orders_working` has them. */
export const WORKING: readonly OrderStatus[] = [
  'PENDING',
  'SUBMITTED',
  'ACCEPTED',
  'PARTIALLY_FILLED',
  'TRIGGERED',
  'CANCEL_PENDING',
  'UNKNOWN',
];

/**
 * What a cancel can end: what is open, at our own venue or at a broker's, and what never left us.
 */
export const CANCELABLE: readonly OrderStatus[] = WORKING.filter(
  (status) => status !== 'CANCEL_PENDING',
);

export const isCancelable = (status: OrderStatus): boolean => CANCELABLE.includes(status);
