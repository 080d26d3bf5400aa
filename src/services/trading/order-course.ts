import { Decimal, ZERO } from '../platform/money.ts';
import { balanceChanged } from '../portfolio/events.ts';
import { reserveMore } from '../portfolio/locks.ts';
import { transition, type OrderState } from './engine/order-state.ts';
import { orderChanged } from './events.ts';
import { changeOf, orderUpdate, type OrderChange } from './order-rows.ts';
import type { NewEvent } from '../platform/outbox.ts';
import type { Account, Order } from '../platform/prisma/client.ts';
import type { Writes } from '../platform/writes.ts';

/** What an order and its account go through in one transaction, before any of it is stored. */
export interface OrderCourse {
  /** As they were read under their locks. */
  readonly before: { readonly account: Account; readonly order: Order };
  readonly account: Account;
  readonly order: Order;
  readonly changes: readonly OrderChange[];
  readonly events: readonly NewEvent[];
}

export const courseOf = (account: Account, order: Order): OrderCourse => ({
  before: { account, order },
  account,
  order,
  changes: [],
  events: [],
});

type Given = Parameters<typeof changeOf>[2];

/** One change further, with its event. What the order holds back is not the account's by this alone. */
export function move(course: OrderCourse, state: OrderState, given: Given): OrderCourse {
  const change = changeOf(course.order, state, given);
  return {
    ...course,
    order: change.after,
    changes: [...course.changes, change],
    events: [...course.events, orderChanged(change.after)],
  };
}

export interface Ending {
  readonly by: 'canceled' | 'expired' | 'rejected';
  readonly now: Date;
  /** Why, where that is not in the word. */
  readonly reason?: { readonly code: string; readonly message: string };
}

/** The end of an order: the cash that it held back is free, what was filled stays. */
export function end(course: OrderCourse, { by, now, reason }: Ending): OrderCourse {
  const { order, account } = course;
  const ended = move(course, transition(order, { type: by }), {
    reserved: ZERO,
    updatedAt: now,
    ...(reason && { reasonCode: reason.code, reason: reason.message }),
  });
  if (order.reserved.isZero()) return ended;
  const freed = { ...account, reserved: new Decimal(account.reserved).minus(order.reserved) };
  return { ...ended, account: freed, events: [...ended.events, balanceChanged(freed, now)] };
}

/**
 * The end of an order because somebody wants it. One that is at a broker is only asked for: it goes on to
 * hold its cash back, and ends when the broker says so.
 */
export function cancel(course: OrderCourse, { now, reason }: Omit<Ending, 'by'>): OrderCourse {
  const { account, order } = course;
  const isHere = account.kind !== 'LIVE' || order.status === 'PENDING';
  if (isHere) return end(course, { by: 'canceled', now, ...(reason && { reason }) });
  return move(course, transition(order, { type: 'cancelRequested' }), {
    reserved: order.reserved,
    updatedAt: now,
    ...(reason && { reasonCode: reason.code, reason: reason.message }),
  });
}

/** All of it, the order and the reserved cash changed once. */
export function writesOf({ before, account, changes, events }: OrderCourse): Writes {
  const reserved = new Decimal(account.reserved).minus(before.account.reserved);
  return {
    queries: [...orderUpdate(before.order, changes), ...reserveMore(account.id, reserved)],
    events,
  };
}
