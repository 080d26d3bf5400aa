import { Decimal, ZERO } from '../platform/money.ts';
import { closableOf } from './engine/exposure.ts';
import { feeOf } from './engine/fees.ts';
import { transition } from './engine/order-state.ts';
import { isArmed, isImmediate, isTouched, type BestPrices } from './engine/order-terms.ts';
import { isExit, type GroupNews } from './engine/order-group.ts';
import { isTighter } from './engine/trailing-stop.ts';
import { tradeLiquidityOf } from './engine/trade-liquidity.ts';
import { OrderDenied } from './errors.ts';
import { reserveLeftBy } from './fill-funds.ts';
import { end, move, writesOf, type Ending, type OrderCourse } from './order-course.ts';
import { coursesOfGroup, writesOfAll } from './order-groups.ts';
import { timeOfTrade } from '../portfolio/trade-times.ts';
import type { Clock } from '../platform/clock.ts';
import type { Instrument, Order, Position } from '../platform/prisma/client.ts';
import type { Writes } from '../platform/writes.ts';
import type { Booking } from '../portfolio/booking.ts';
import type { FillModels, QuotedMatch } from './offers.ts';

/** What an order is tried with. */
export interface FillTerms {
  readonly lease: { readonly instrument: Instrument };
  /** The newest prices, which set a stop off; undefined when they are not fresh. */
  readonly prices: () => BestPrices | undefined;
  /** When prices have last touched the order's stop while the desk looked; undefined if they have not. */
  readonly touchedAt: () => Date | undefined;
  /** Where the desk has the order's stop: a trailing one has moved since the row was written. */
  readonly stopPrice: Decimal | null;
  /** Finds what fills the rest of the order now; asked once, when the locks are held. */
  readonly match: (order: Order, models: FillModels) => QuotedMatch | undefined;
}

/** What came of it. `WAITING`: nothing to fill it with; `CLOSED`: it is not to be filled any more. */
export type FillOutcome = (
  | { readonly kind: 'FILLED'; readonly order: Order; readonly quantity: Decimal }
  | { readonly kind: 'WAITING' | 'CLOSED'; readonly order: Order }
) & {
  /** Orders of its group that changed with it. */
  readonly others?: readonly Order[];
  /** How its account fills by now. */
  readonly models?: FillModels;
};

export interface FillPorts {
  readonly booking: Pick<Booking, 'prepare'>;
  readonly clock: Clock;
}

/** An order that fills at once or not at all, and was not tried for this long, is canceled. */
const AT_ONCE_MS = 15_000;

/** An order on its way, the position of its account in its instrument, and the time. */
export interface Situation {
  readonly course: OrderCourse;
  readonly position: Position | undefined;
  /** The other orders of its group that work. */
  readonly others: readonly Order[];
  /** When the account last traded the instrument. */
  readonly lastTradeAt: Date | undefined;
  /** Whether a kill switch holds for the account. The gate asks for it by itself, before. */
  readonly isHalted?: boolean;
  readonly now: Date;
}

export interface FillDecision {
  readonly outcome: FillOutcome;
  /** What the order went through; undefined when nothing changed. */
  readonly course?: OrderCourse;
  /** What that did to the others of its group. */
  readonly group?: readonly OrderCourse[];
  /** The rows and events of its trade. */
  readonly booked?: Writes;
}

/** All that a decision has stored. */
export function writesOfFill({ course, group = [], booked }: FillDecision): readonly Writes[] {
  const stored = course && (group.length === 0 ? writesOf(course) : writesOfAll(course, group));
  return [...(booked ? [booked] : []), ...(stored ? [stored] : [])];
}

/**
 * What is to be done with an order now: it ends when its time is over or trading is halted, its stop goes
 * off when the prices have touched it, and it fills once. What is left of an order that fills at once is
 * canceled with it.
 */
export function decideFill(
  ports: FillPorts,
  command: FillTerms,
  situation: Situation,
): FillDecision {
  const { course, now } = situation;
  const { order } = course;
  const isAtOnce = isImmediate(order.timeInForce);
  const isOver = order.expiresAt !== null && order.expiresAt <= now;
  if (isOver) return close(situation, course, { by: 'expired', now });
  if (situation.isHalted === true) {
    return close(situation, course, { by: 'canceled', now, reason: HALTED });
  }
  const hereForMs = now.getTime() - order.createdAt.getTime() - course.account.latencyMs;
  // It has been sent, and has not arrived.
  if (hereForMs < 0) return { outcome: { kind: 'WAITING', order } };
  if (isAtOnce && hereForMs >= AT_ONCE_MS) {
    return close(situation, course, { by: 'canceled', now });
  }
  const ready = setOff(command, situation);
  if (!ready) return { outcome: { kind: 'WAITING', order } };
  const found = command.match(ready.order, ready.account);
  if (found) return fillWith(ports, { ...situation, course: ready, lease: command.lease, found });
  if (isAtOnce) return close(situation, ready, { by: 'canceled', now });
  return { outcome: { kind: 'WAITING', order: ready.order }, course: ready };
}

/** As those are told that are canceled under a switch (risk/halted-orders.ts). */
const HALTED = { code: 'TRADING_HALTED', message: 'Trading was halted.' };

/** Ends it, with what follows for the rest of its group. */
function close(situation: Situation, course: OrderCourse, ending: Ending): FillDecision {
  const ended = end(course, ending);
  const { by: type } = ending;
  const news = type === 'canceled' ? ({ type, isAsked: false } as const) : { type };
  return settle(situation, ended, { outcome: { kind: 'CLOSED', order: ended.order }, news });
}

/** What comes of an order and of the rest of its group. */
function settle(
  { others, now }: Situation,
  course: OrderCourse,
  { outcome, news }: { readonly outcome: FillOutcome; readonly news: GroupNews },
): FillDecision {
  if (others.length === 0) return { outcome, course };
  const group = coursesOfGroup({ course, news, others, now });
  return { outcome: { ...outcome, others: group.map(({ order }) => order) }, course, group };
}

/**
 * With its stop set off; undefined while it goes on to wait for it. A price that has touched it since the order
 * is at the market sets it off, even if it is gone.
 */
function setOff(command: FillTerms, { course, now }: Situation) {
  const { order } = course;
  if (!isArmed(order)) return course;
  const { prices: newest, stopPrice: seen, touchedAt } = command;
  const { side, type, reserved } = order;
  const isTrailed = type === 'TRAILING_STOP' && seen && isTighter(side, seen, order.stopPrice);
  const stopPrice = isTrailed ? seen : order.stopPrice;
  const arrivedMs = order.createdAt.getTime() + course.account.latencyMs;
  const touchedMs = touchedAt()?.getTime() ?? -Infinity;
  const prices = newest();
  const isTouchedNow = prices !== undefined && isTouched({ side, stopPrice }, prices);
  if (touchedMs < arrivedMs && !isTouchedNow) return undefined;
  const state = transition(order, { type: 'triggered' });
  return move(course, state, { reserved, updatedAt: now, stopPrice });
}

interface Fill extends Situation {
  readonly lease: FillTerms['lease'];
  readonly found: QuotedMatch;
}

/**
 * Fills it with what was found. An exit leg only closes: it fills at most what is held against it, and ends
 * with its group when nothing of that is left, since another order has closed the position then.
 */
function fillWith(ports: FillPorts, fill: Fill): FillDecision {
  const { course, position, lease, found, now } = fill;
  const { side, leg } = course.order;
  if (!isExit(leg)) return book(ports, fill);
  const closable = closableOf(side, new Decimal(position?.quantity ?? ZERO));
  const { symbol } = lease.instrument;
  const message = `The account holds no ${symbol} that the order could close.`;
  const reason = { code: 'NOTHING_HELD', message };
  if (closable.isZero()) return close(fill, course, { by: 'canceled', now, reason });
  const quantity = Decimal.min(found.quantity, closable);
  const isLast = quantity.equals(closable);
  return book(ports, { ...fill, found: { ...found, quantity } }, isLast ? reason : undefined);
}

/** `restReason`: why nothing is left to do for what the fill leaves of the order. */
function book({ booking }: FillPorts, fill: Fill, restReason?: Ending['reason']): FillDecision {
  const { course, position, lease, found } = fill;
  const now = timeOfTrade(fill.now, fill.lastTradeAt);
  const { quantity, price, slippage, quote } = found;
  const { account, order } = course;
  const { instrument } = lease;
  const fee = feeOf({ quantity, price }, instrument, account);
  const reserved = reserveLeftBy({ account, order, position, quantity, price, fee });
  if (reserved instanceof OrderDenied) return refuse(fill, reserved);
  const state = transition(order, { type: 'filled', quantity, price });
  const trade = {
    ...{ account, instrument, quantity, price, fee, quote },
    side: order.side,
    orderId: order.id,
    fillSequence: state.version,
    source: 'PAPER',
    executedAt: now,
    released: new Decimal(order.reserved).minus(reserved),
    models: { ...modelsOf(account), slippage },
    liquidity: tradeLiquidityOf(order, { quotedAt: quote.time, latencyMs: account.latencyMs }),
  } as const;
  const { booked, writes } = booking.prepare(trade, account, position);
  const filled = { ...course, account: booked.account };
  const after = move(filled, state, { reserved, updatedAt: now });
  const isLeft = after.order.status === 'PARTIALLY_FILLED';
  const isExitOver = isLeft && restReason !== undefined;
  const isRestCanceled = isExitOver || (isLeft && isImmediate(order.timeInForce));
  const ending = { by: 'canceled', now, ...(restReason && { reason: restReason }) } as const;
  const last = isRestCanceled ? end(after, ending) : after;
  const decision = settle(fill, last, {
    outcome: { kind: 'FILLED', order: last.order, quantity },
    news: isExitOver ? { type: 'canceled', isAsked: false } : { type: 'filled', quantity },
  });
  return { ...decision, booked: writes };
}

const modelsOf = ({ feeModel, slippageModel, liquidityModel }: FillModels) => ({
  ...{ feeModel, slippageModel, liquidityModel },
});

/**
 * Ends an order that its account cannot pay any more, as a venue would: rejected, or canceled when a
 * part of it is filled. Cash never becomes negative through a fill.
 */
function refuse(situation: Situation, reason: OrderDenied): FillDecision {
  const { course, now } = situation;
  const { order } = course;
  const by = order.filledQuantity.isZero() ? 'rejected' : 'canceled';
  return close(situation, course, { by, now, reason });
}
