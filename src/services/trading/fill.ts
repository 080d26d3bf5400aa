import { Decimal, toBookedCash, ZERO } from '../platform/money.ts';
import { appendEvents } from '../platform/outbox.ts';
import { balanceChanged, buyingPowerOf } from '../portfolio/events.ts';
import { lockAccount, lockAccountAndRelease } from '../portfolio/locks.ts';
import { feeOf } from './engine/fees.ts';
import { isFillable, remainingOf, transition } from './engine/order-state.ts';
import { reserveAfterFill } from './engine/reservation.ts';
import { InsufficientFunds } from './errors.ts';
import { orderChanged } from './events.ts';
import { leaseIsHeld, type Lease } from './leases.ts';
import { changeOf, lockOrder, updateOrder, type OrderChange } from './order-rows.ts';
import type { Clock } from '../platform/clock.ts';
import type { Tx } from '../platform/database.ts';
import type { Order } from '../platform/prisma/client.ts';
import type { Quote } from '../market/quote.ts';
import type { Booking } from '../portfolio/booking.ts';
import type { Match } from './engine/matching.ts';

export interface FillCommand {
  readonly orderId: string;
  readonly accountId: string;
  readonly lease: Lease;
  /** Finds what fills the rest of the order now; asked once, when the locks are held. */
  readonly match: (order: Order) => (Match & { readonly quote: Quote }) | undefined;
}

/** What came of it. `WAITING`: nothing to fill it with; `CLOSED`: it is not to be filled any more. */
export type FillOutcome =
  | { readonly kind: 'FILLED'; readonly order: Order; readonly quantity: Decimal }
  | { readonly kind: 'WAITING' | 'CLOSED'; readonly order: Order };

/** Another process fills this instrument's orders now; nothing was written. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost';
}

/**
 * Fills an order once, in one transaction: trade, position, cash, fee, the order with its history,
 * and all events, or nothing of it.
 *
 * Locks are taken in the order account → order → position → lease. The trade is numbered by the
 * order's version, so that no version is ever filled twice; the lease is checked last and held until
 * the commit, so that a process whose instruments were taken over cannot write.
 */
export async function fillOrder(
  tx: Tx,
  { booking, clock }: { readonly booking: Booking; readonly clock: Clock },
  { orderId, accountId, lease, match }: FillCommand,
): Promise<FillOutcome> {
  const account = await lockAccount(tx, accountId);
  const order = await lockOrder(tx, orderId);
  if (!account || !order) throw new Error(`Order ${orderId} or its account is gone.`);
  if (!isFillable(order.status)) return { kind: 'CLOSED', order };
  const found = match(order);
  if (!found) return { kind: 'WAITING', order };

  const now = clock.now();
  const { quantity, price, quote } = found;
  const { instrument } = lease;
  const notional = quantity.times(price);
  const fee = feeOf(notional, instrument, account.currency);
  const required = order.side === 'BUY' ? costOf(notional, fee, account.currency) : ZERO;
  const available = buyingPowerOf(account).plus(order.reserved);
  if (required.greaterThan(available)) {
    const shortfall = new InsufficientFunds(order.id, { required, available });
    return refuse(tx, { order, lease, shortfall, now });
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
    account,
    instrument,
    side: order.side,
    quantity,
    price,
    fee,
    orderId: order.id,
    fillSequence: state.version,
    source: 'PAPER',
    quote,
    executedAt: now,
    released: new Decimal(order.reserved).minus(reserved),
  });
  if (position.quantity.isNegative()) throw new Error(`Order ${orderId} would sell short.`);
  const change = changeOf(order, state, { reserved, updatedAt: now });
  await save(tx, change, lease);
  await appendEvents(tx, [orderChanged(change.after)]);
  return { kind: 'FILLED', order: change.after, quantity };
}

/** What a buy takes of the cash. */
function costOf(notional: Decimal, fee: Decimal, currency: string): Decimal {
  return toBookedCash(notional, currency).plus(fee);
}

/**
 * Ends an order that its account cannot pay any more, as a venue would: rejected, or canceled when a
 * part of it is filled. Cash never becomes negative through a fill.
 */
async function refuse(
  tx: Tx,
  {
    order,
    lease,
    shortfall,
    now,
  }: {
    readonly order: Order;
    readonly lease: Lease;
    readonly shortfall: InsufficientFunds;
    readonly now: Date;
  },
): Promise<FillOutcome> {
  const type = order.filledQuantity.isZero() ? 'rejected' : 'canceled';
  const change = changeOf(order, transition(order, { type }), {
    reserved: ZERO,
    updatedAt: now,
    reasonCode: shortfall.code,
    reason: shortfall.message,
  });
  const account = await lockAccountAndRelease(tx, order.accountId, order.reserved);
  if (!account) throw new Error(`Order ${order.id} has lost its account.`);
  await save(tx, change, lease);
  await appendEvents(tx, [orderChanged(change.after), balanceChanged(account, now)]);
  return { kind: 'CLOSED', order: change.after };
}

async function save(tx: Tx, change: OrderChange, lease: Lease): Promise<void> {
  if (await updateOrder(tx, change, leaseIsHeld(lease))) return;
  // The order's row is locked, so its version is the one that was read: it must be the lease.
  throw new LeaseLost(`Epoch ${String(lease.epoch)} of ${lease.instrument.symbol} is over.`);
}
