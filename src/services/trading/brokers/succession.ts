import { Decimal, ZERO } from '../../platform/money.ts';
import { applyWrites } from '../../platform/writes.ts';
import { balanceChanged } from '../../portfolio/events.ts';
import { lockAccount } from '../../portfolio/locks.ts';
import { isCancelable, isWorking, remainingOf, transition } from '../engine/order-state.ts';
import { reserveOfBuy } from '../engine/reservation.ts';
import { cancel, courseOf, end, move, writesOf, type OrderCourse } from '../order-course.ts';
import { lockOrder } from '../order-rows.ts';
import type { Tx } from '../../platform/database.ts';
import type { Instrument, Order } from '../../platform/prisma/client.ts';
import type { OrderReport } from './broker.ts';

/*
 * An order at a venue that is to be replaced goes on to work until the venue says that it is over:
 * only then does the order that was sent to take its place, its successor, have it. Until then
 * either may fill, and each holds back what it needs
 * (docs/decisions/2026-11-22-orders-are-replaced-at-brokers.md).
 */

/** What comes of an order that the venue says is over while another was sent to take its place. */
type Succession =
  /** The venue has the other: this one is REPLACED. */
  | { readonly by: Order }
  /** Nobody knows yet whether the venue has the other: this one stays until somebody does. */
  | 'UNDECIDED'
  /** The venue does not have the other. */
  | undefined;

/** Of an order that works, and whose locks are held. */
export async function successionOf(
  tx: Tx,
  { id, status }: Order,
  report: Pick<OrderReport, 'status'>,
): Promise<Succession> {
  const isOver = report.status === 'REPLACED' || report.status === 'CANCELED';
  // Whoever asked for its end gets its end.
  if (!isOver || !isWorking(status) || status === 'CANCEL_PENDING') return undefined;
  const successor = await successorOf(tx, id);
  if (!successor) return undefined;
  if (successor.brokerOrderId !== null || report.status === 'REPLACED') return { by: successor };
  return isWorking(successor.status) ? 'UNDECIDED' : undefined;
}

/** The newest that was sent to take the place of an order, unless the venue refused it. Locked. */
async function successorOf(tx: Tx, id: string): Promise<Order | undefined> {
  const found = await tx.order.findFirst({
    where: { replacesId: id, status: { not: 'REJECTED' } },
    orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
    select: { id: true },
  });
  return found ? lockOrder(tx, found.id) : undefined;
}

/**
 * Ends an order whose place another has taken. Of what it held back the other one keeps what it
 * still needs. Answers with its course, to be stored; the other one is changed at once.
 */
export async function succeed(
  tx: Tx,
  course: OrderCourse,
  { by, now }: { readonly by: Order; readonly now: Date },
): Promise<OrderCourse> {
  const { order, account } = course;
  const instrument = await tx.instrument.findUniqueOrThrow({ where: { id: by.instrumentId } });
  const needed = isWorking(by.status) ? neededBy(by, { instrument, course }) : ZERO;
  const kept = Decimal.min(order.reserved, Decimal.max(needed.minus(by.reserved), ZERO));
  if (!kept.isZero()) {
    const reserved = new Decimal(by.reserved).plus(kept);
    await tx.order.update({ where: { id: by.id }, data: { reserved } });
  }
  const given = { reserved: ZERO, updatedAt: now, replacedById: by.id };
  const replaced = move(course, transition(order, { type: 'replaced' }), given);
  const freed = new Decimal(order.reserved).minus(kept);
  if (freed.isZero()) return replaced;
  const after = { ...account, reserved: new Decimal(account.reserved).minus(freed) };
  return { ...replaced, account: after, events: [...replaced.events, balanceChanged(after, now)] };
}

/**
 * What it is to hold back. Of a sale, or where no price tells, all that it and the other one did.
 */
function neededBy(
  by: Order,
  { instrument, course }: { readonly instrument: Instrument; readonly course: OrderCourse },
): Decimal {
  const both = new Decimal(by.reserved).plus(course.order.reserved);
  if (by.side === 'SELL') return both;
  const { limitPrice, stopPrice } = by;
  const order = { quantity: remainingOf(by), limitPrice, stopPrice, ask: undefined };
  return reserveOfBuy(order, instrument, course.account) ?? both;
}

/**
 * What is filled of an order after another was sent to take its place is filled beyond what the
 * other one was reckoned for: with both of them more would be bought than was asked for. So the
 * other one is for less where it has not left us, and else it is ended.
 */
export async function curbSuccessor(
  tx: Tx,
  { id, accountId }: Pick<Order, 'id' | 'accountId'>,
  { quantity, now }: { readonly quantity: Decimal; readonly now: Date },
): Promise<void> {
  const successor = await successorOf(tx, id);
  if (!successor || !isCancelable(successor.status)) return;
  const account = await lockAccount(tx, accountId);
  if (!account) return;
  await applyWrites(tx, writesOf(curb(courseOf(account, successor), { quantity, now })));
}

const FILLED_MEANWHILE = {
  code: 'FILLED_WHILE_REPLACED',
  message: 'The order whose place it was to take was filled further meanwhile.',
} as const;

function curb(
  course: OrderCourse,
  { quantity, now }: { readonly quantity: Decimal; readonly now: Date },
): OrderCourse {
  const { order } = course;
  if (order.status !== 'PENDING') return cancel(course, { now, reason: FILLED_MEANWHILE });
  const left = new Decimal(order.quantity).minus(quantity);
  if (!left.greaterThan(ZERO)) {
    return end(course, { by: 'canceled', now, reason: FILLED_MEANWHILE });
  }
  const { reserved } = order;
  return move(course, transition(order, { type: 'resized', quantity: left }), {
    ...{ reserved, updatedAt: now },
  });
}
