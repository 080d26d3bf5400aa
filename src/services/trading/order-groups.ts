import { Decimal, toBookedCash } from '../platform/money.ts';
import { balanceChanged } from '../portfolio/events.ts';
import { reserveMore } from '../portfolio/locks.ts';
import type { Order } from '../platform/prisma/client.ts';
import type { Writes } from '../platform/writes.ts';
import { consequencesOf, type Consequence, type GroupNews } from './engine/order-group.ts';
import { remainingOf, transition, type OrderEvent } from './engine/order-state.ts';
import { courseOf, end, move, type OrderCourse } from './order-course.ts';
import { orderUpdate } from './order-rows.ts';

interface News {
  /** The order that it happened to, as it leaves it. */
  readonly course: OrderCourse;
  readonly news: GroupNews;
  /** All others of its group, as they were read under the locks of the account and of each. */
  readonly others: readonly Order[];
  readonly now: Date;
}

/**
 * The courses of the other orders of a group after what happened to one of them: those that change,
 * one after the other, each with the account as the one before left it.
 */
export function coursesOfGroup({ course, news, others, now }: News): readonly OrderCourse[] {
  const courses: OrderCourse[] = [];
  for (const consequence of consequencesOf(course.order, news, others)) {
    const { account } = courses.at(-1) ?? course;
    courses.push(follow(courseOf(account, consequence.member), consequence, now));
  }
  return courses;
}

function follow(from: OrderCourse, { events }: Consequence<Order>, now: Date): OrderCourse {
  return events.reduce((course: OrderCourse, event) => step(course, event, now), from);
}

function step(course: OrderCourse, event: OrderEvent, now: Date): OrderCourse {
  if (event.type === 'canceled' || event.type === 'expired') {
    return end(course, { by: event.type, now });
  }
  const { order, account } = course;
  const state = transition(order, event);
  const reserved =
    event.type === 'resized' ? shareOf(order, event.quantity, account.currency) : order.reserved;
  const freed = new Decimal(order.reserved).minus(reserved);
  const moved = move(course, state, { reserved, updatedAt: now });
  if (freed.isZero()) return moved;
  const after = { ...account, reserved: new Decimal(account.reserved).minus(freed) };
  return { ...moved, account: after, events: [...moved.events, balanceChanged(after, now)] };
}

/** What is held back for less than before; for more, no more than before. */
function shareOf(order: Order, quantity: Decimal, currency: string): Decimal {
  if (order.reserved.isZero() || quantity.greaterThan(order.quantity)) return order.reserved;
  const rest = new Decimal(quantity).minus(order.filledQuantity);
  const share = new Decimal(order.reserved).times(rest).dividedBy(remainingOf(order));
  return Decimal.min(toBookedCash(share, currency), order.reserved);
}

/** All of them, each order once and the reserved cash of their account once. */
export function writesOfAll(first: OrderCourse, others: readonly OrderCourse[]): Writes {
  const courses = [first, ...others];
  const last = courses.at(-1) ?? first;
  const reserved = new Decimal(last.account.reserved).minus(first.before.account.reserved);
  return {
    queries: [
      ...courses.flatMap(({ before, changes }) => orderUpdate(before.order, changes)),
      ...(reserved.isZero() ? [] : reserveMore(last.account.id, reserved)),
    ],
    events: courses.flatMap(({ events }) => events),
  };
}
