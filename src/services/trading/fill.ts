import { Decimal, toBookedCash, ZERO } from '../platform/money.ts';
import { buyingPowerOf } from '../portfolio/events.ts';
import { accountLock, openPositionLock } from '../portfolio/locks.ts';
import { feeOf } from './engine/fees.ts';
import { isFillable, remainingOf, transition } from './engine/order-state.ts';
import { isArmed, isImmediate, isTouched, type BestPrices } from './engine/order-terms.ts';
import { reserveAfterFill } from './engine/reservation.ts';
import { InsufficientFunds } from './errors.ts';
import { leaseLock, type Lease } from './leases.ts';
import { courseOf, end, move, writesOf, type OrderCourse } from './order-course.ts';
import { orderLock } from './order-rows.ts';
import type { Clock } from '../platform/clock.ts';
import type { Pipeline } from '../platform/pipeline.ts';
import type { Order, Position } from '../platform/prisma/client.ts';
import type { Writes } from '../platform/writes.ts';
import type { Quote } from '../market/quote.ts';
import type { Booking } from '../portfolio/booking.ts';
import type { Match } from './engine/matching.ts';

export interface FillCommand {
  readonly orderId: string;
  readonly accountId: string;
  readonly lease: Lease;
  /** The newest prices, which set a stop off; undefined when they are not fresh. */
  readonly prices: () => BestPrices | undefined;
  /** Finds what fills the rest of the order now; asked once, when the locks are held. */
  readonly match: (order: Order) => QuotedMatch | undefined;
}

export type QuotedMatch = Match & { readonly quote: Quote };

/** What came of it. `WAITING`: nothing to fill it with; `CLOSED`: it is not to be filled any more. */
export type FillOutcome =
  | { readonly kind: 'FILLED'; readonly order: Order; readonly quantity: Decimal }
  | { readonly kind: 'WAITING' | 'CLOSED'; readonly order: Order };

/** Another process fills this instrument's orders now; nothing was written. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost';
}

/** An order that fills at once or not at all, and was not tried for this long, is canceled. */
const AT_ONCE_MS = 15_000;

interface FillPorts {
  readonly booking: Pick<Booking, 'prepare'>;
  readonly clock: Clock;
}

/**
 * Does what is to be done with an order now, in one transaction or not at all: ends it when its time is
 * over, sets off its stop when the prices have touched it, and fills it once: trade, position, cash,
 * fee, the order with its history, and all events. What is left of an order that fills at once is
 * canceled with it.
 *
 * All that decides is locked and read at once, in the order account → order → position → lease; then
 * {@link decide} says what comes of it. The trade is numbered by the order's version, so that no version
 * is ever filled twice; the lease is checked last and held until the commit, so that a process whose
 * instruments were taken over cannot write.
 */
export async function fillOrder(
  pipeline: Pipeline,
  ports: FillPorts,
  command: FillCommand,
): Promise<FillOutcome> {
  const { orderId, accountId, lease } = command;
  const [[account], [order], [position], [held]] = await pipeline.ask(
    accountLock(accountId),
    orderLock(orderId),
    openPositionLock({ accountId, instrumentId: lease.instrument.id }),
    leaseLock(lease),
  );
  if (!account || !order) throw new Error(`Order ${orderId} or its account is gone.`);
  if (!isFillable(order.status)) return { kind: 'CLOSED', order };
  if (!held) {
    throw new LeaseLost(`Epoch ${String(lease.epoch)} of ${lease.instrument.symbol} is over.`);
  }
  const { outcome, writes } = decide(ports, command, {
    course: courseOf(account, order),
    position,
    now: ports.clock.now(),
  });
  pipeline.store(...writes);
  return outcome;
}

/** An order on its way, the position of its account in its instrument, and the time. */
interface Situation {
  readonly course: OrderCourse;
  readonly position: Position | undefined;
  readonly now: Date;
}

interface Decision {
  readonly outcome: FillOutcome;
  readonly writes: readonly Writes[];
}

function decide(ports: FillPorts, command: FillCommand, situation: Situation): Decision {
  const { course, now } = situation;
  const { order } = course;
  const isAtOnce = isImmediate(order.timeInForce);
  const isOver = order.expiresAt !== null && order.expiresAt <= now;
  if (isOver) return closed(end(course, { by: 'expired', now }));
  if (isAtOnce && now.getTime() - order.createdAt.getTime() >= AT_ONCE_MS) {
    return closed(end(course, { by: 'canceled', now }));
  }
  const ready = setOff(command, situation);
  if (!ready) return { outcome: { kind: 'WAITING', order }, writes: [] };
  const found = command.match(ready.order);
  if (found) return book(ports, { ...situation, course: ready, lease: command.lease, found });
  if (isAtOnce) return closed(end(ready, { by: 'canceled', now }));
  return { outcome: { kind: 'WAITING', order: ready.order }, writes: [writesOf(ready)] };
}

const closed = (course: OrderCourse): Decision => ({
  outcome: { kind: 'CLOSED', order: course.order },
  writes: [writesOf(course)],
});

/** With its stop set off; undefined while it goes on to wait for it. */
function setOff({ prices: newest }: FillCommand, { course, now }: Situation) {
  const { order } = course;
  if (!isArmed(order)) return course;
  const prices = newest();
  if (!prices || !isTouched(order, prices)) return undefined;
  const state = transition(order, { type: 'triggered' });
  return move(course, state, { reserved: order.reserved, updatedAt: now });
}

interface Fill extends Situation {
  readonly lease: Lease;
  readonly found: QuotedMatch;
}

function book({ booking }: FillPorts, fill: Fill): Decision {
  const { course, position, lease, found, now } = fill;
  const { quantity, price, quote } = found;
  const { account, order } = course;
  const { instrument } = lease;
  const notional = quantity.times(price);
  const fee = feeOf({ quantity, price }, instrument, account);
  const required = order.side === 'BUY' ? costOf(notional, fee, account.currency) : ZERO;
  const available = buyingPowerOf(account).plus(order.reserved);
  if (required.greaterThan(available)) return refuse(fill, { required, available });
  const state = transition(order, { type: 'filled', quantity, price });
  const reserved = reserveAfterFill({
    reserved: order.reserved,
    remaining: remainingOf(order),
    rest: remainingOf(state),
    free: available.minus(required),
    currency: account.currency,
  });
  const trade = {
    ...{ account, instrument, quantity, price, fee, quote },
    side: order.side,
    orderId: order.id,
    fillSequence: state.version,
    source: 'PAPER',
    executedAt: now,
    released: new Decimal(order.reserved).minus(reserved),
  } as const;
  const { booked, writes } = booking.prepare(trade, account, position);
  if (booked.position.quantity.isNegative()) {
    throw new Error(`Order ${order.id} would sell short.`);
  }
  const filled = { ...course, account: booked.account };
  const after = move(filled, state, { reserved, updatedAt: now });
  const isLeft = after.order.status === 'PARTIALLY_FILLED';
  const isRestCanceled = isLeft && isImmediate(order.timeInForce);
  const last = isRestCanceled ? end(after, { by: 'canceled', now }) : after;
  return {
    outcome: { kind: 'FILLED', order: last.order, quantity },
    writes: [writes, writesOf(last)],
  };
}

/** What a buy takes of the cash. */
function costOf(notional: Decimal, fee: Decimal, currency: string): Decimal {
  return toBookedCash(notional, currency).plus(fee);
}

/**
 * Ends an order that its account cannot pay any more, as a venue would: rejected, or canceled when a
 * part of it is filled. Cash never becomes negative through a fill.
 */
function refuse(
  { course, now }: Situation,
  numbers: { readonly required: Decimal; readonly available: Decimal },
): Decision {
  const { order } = course;
  const by = order.filledQuantity.isZero() ? 'rejected' : 'canceled';
  return closed(end(course, { by, now, reason: new InsufficientFunds(order.id, numbers) }));
}
