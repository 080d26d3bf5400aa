import { Decimal, toBookedCash, ZERO } from '../platform/money.ts';
import { appendEvents } from '../platform/outbox.ts';
import { buyingPowerOf } from '../portfolio/events.ts';
import { lockAccount } from '../portfolio/locks.ts';
import { feeOf } from './engine/fees.ts';
import { isFillable, remainingOf, transition } from './engine/order-state.ts';
import { isArmed, isImmediate, isTouched, type BestPrices } from './engine/order-terms.ts';
import { reserveAfterFill } from './engine/reservation.ts';
import { InsufficientFunds } from './errors.ts';
import { orderChanged } from './events.ts';
import { leaseIsHeld, type Lease } from './leases.ts';
import { endOrder, type OrderEnding } from './order-ending.ts';
import { changeOf, lockOrder, updateOrder, type OrderChange } from './order-rows.ts';
import type { Clock } from '../platform/clock.ts';
import type { Tx } from '../platform/database.ts';
import type { Account, Order } from '../platform/prisma/client.ts';
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
  readonly booking: Booking;
  readonly clock: Clock;
}

/**
 * Does what is to be done with an order now, in one transaction or not at all: ends it when its time is
 * over, sets off its stop when the prices have touched it, and fills it once: trade, position, cash,
 * fee, the order with its history, and all events. What is left of an order that fills at once is
 * canceled with it.
 *
 * Locks are taken in the order account → order → position → lease. The trade is numbered by the
 * order's version, so that no version is ever filled twice; the lease is checked last and held until
 * the commit, so that a process whose instruments were taken over cannot write.
 */
export async function fillOrder(
  tx: Tx,
  ports: FillPorts,
  command: FillCommand,
): Promise<FillOutcome> {
  const { orderId, accountId, lease } = command;
  const account = await lockAccount(tx, accountId);
  const order = await lockOrder(tx, orderId);
  if (!account || !order) throw new Error(`Order ${orderId} or its account is gone.`);
  if (!isFillable(order.status)) return { kind: 'CLOSED', order };
  const now = ports.clock.now();
  const isAtOnce = isImmediate(order.timeInForce);
  const isOver = order.expiresAt !== null && order.expiresAt <= now;
  if (isOver) return close(tx, lease, { order, by: 'expired', now });
  if (isAtOnce && now.getTime() - order.createdAt.getTime() >= AT_ONCE_MS) {
    return close(tx, lease, { order, by: 'canceled', now });
  }
  const ready = await setOff(tx, { order, command, now });
  if (!ready) return { kind: 'WAITING', order };
  const found = command.match(ready);
  if (found) return book(tx, ports, { account, order: ready, lease, found, now });
  if (isAtOnce) return close(tx, lease, { order: ready, by: 'canceled', now });
  return { kind: 'WAITING', order: ready };
}

/** The order, its stop set off; undefined while it goes on to wait for it. */
async function setOff(
  tx: Tx,
  {
    order,
    command: { prices: newest, lease },
    now,
  }: { readonly order: Order; readonly command: FillCommand; readonly now: Date },
): Promise<Order | undefined> {
  if (!isArmed(order)) return order;
  const prices = newest();
  if (!prices || !isTouched(order, prices)) return undefined;
  const { reserved } = order;
  const state = transition(order, { type: 'triggered' });
  const change = changeOf(order, state, { reserved, updatedAt: now });
  await save(tx, change, lease);
  await appendEvents(tx, [orderChanged(change.after)]);
  return change.after;
}

interface Fill {
  readonly account: Account;
  readonly order: Order;
  readonly lease: Lease;
  readonly found: QuotedMatch;
  readonly now: Date;
}

async function book(
  tx: Tx,
  { booking }: FillPorts,
  { account, order, lease, found: { quantity, price, quote }, now }: Fill,
): Promise<FillOutcome> {
  const { instrument } = lease;
  const notional = quantity.times(price);
  const fee = feeOf(notional, instrument, account.currency);
  const required = order.side === 'BUY' ? costOf(notional, fee, account.currency) : ZERO;
  const available = buyingPowerOf(account).plus(order.reserved);
  if (required.greaterThan(available)) {
    const shortfall = new InsufficientFunds(order.id, { required, available });
    return refuse(tx, lease, { order, shortfall, now });
  }
  const state = transition(order, { type: 'filled', quantity, price });
  const reserved = reserveAfterFill({
    reserved: order.reserved,
    remaining: remainingOf(order),
    rest: remainingOf(state),
    free: available.minus(required),
    currency: account.currency,
  });
  const { position } = await booking.bookTrade(tx, {
    ...{ account, instrument, quantity, price, fee, quote },
    side: order.side,
    orderId: order.id,
    fillSequence: state.version,
    source: 'PAPER',
    executedAt: now,
    released: new Decimal(order.reserved).minus(reserved),
  });
  if (position.quantity.isNegative()) throw new Error(`Order ${order.id} would sell short.`);
  const change = changeOf(order, state, { reserved, updatedAt: now });
  await save(tx, change, lease);
  await appendEvents(tx, [orderChanged(change.after)]);
  const isLeft = change.after.status === 'PARTIALLY_FILLED';
  if (!isLeft || !isImmediate(order.timeInForce)) {
    return { kind: 'FILLED', order: change.after, quantity };
  }
  const ended = await close(tx, lease, { order: change.after, by: 'canceled', now });
  return { kind: 'FILLED', order: ended.order, quantity };
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
  tx: Tx,
  lease: Lease,
  { order, shortfall, now }: { order: Order; shortfall: InsufficientFunds; now: Date },
): Promise<FillOutcome> {
  const by = order.filledQuantity.isZero() ? 'rejected' : 'canceled';
  return close(tx, lease, { order, by, now, reason: shortfall });
}

async function close(
  tx: Tx,
  lease: Lease,
  ending: Omit<OrderEnding, 'condition'>,
): Promise<FillOutcome> {
  const order = await endOrder(tx, { ...ending, condition: leaseIsHeld(lease) });
  if (!order) throw new LeaseLost(`The lease of ${lease.instrument.symbol} was lost.`);
  return { kind: 'CLOSED', order };
}

async function save(tx: Tx, change: OrderChange, lease: Lease): Promise<void> {
  if (await updateOrder(tx, change, leaseIsHeld(lease))) return;
  // The order's row is locked, so its version is the one that was read: it must be the lease.
  throw new LeaseLost(`Epoch ${String(lease.epoch)} of ${lease.instrument.symbol} is over.`);
}
