import { Decimal, toBookedCash, ZERO } from '../../platform/money.ts';
import { buyingPowerOf } from '../../portfolio/events.ts';
import { IllegalTransition, remainingOf, transition } from '../engine/order-state.ts';
import { reserveAfterFill } from '../engine/reservation.ts';
import { move, type OrderCourse } from '../order-course.ts';
import type { Account, Instrument, Position } from '../../platform/prisma/client.ts';
import type { Booking, NewTrade, Prepared } from '../../portfolio/booking.ts';
import type { BrokerFill } from './broker.ts';

export interface FillSituation {
  readonly account: Account;
  /** Undefined for a fill of an order that is not ours. */
  readonly course: OrderCourse | undefined;
  readonly position: Position | undefined;
  readonly instrument: Instrument;
  /** When the newest trade of the account in the instrument was made. */
  readonly lastTradeAt: Date | null;
  readonly now: Date;
}

export interface BookedFill {
  /** The fill, and what the venue kept of it if it kept some: in this order. */
  readonly trades: readonly Prepared[];
  /** Undefined when the fill is not the order's, or more than it could still take. */
  readonly course: OrderCourse | undefined;
}

/**
 * What a fill comes to. It is a fact: it is booked whatever it costs, after the end of its order,
 * and when the order has no room for it; then it is a trade by itself.
 */
export function bookFill(
  booking: Pick<Booking, 'prepare'>,
  fill: BrokerFill,
  { account, course, position, instrument, lastTradeAt, now }: FillSituation,
): BookedFill {
  // Each trade leaves the position that the next one finds: one that is told late is booked late.
  const isLate = lastTradeAt !== null && lastTradeAt > fill.executedAt;
  const trade: NewTrade = {
    ...{ account, instrument, side: fill.side, quantity: fill.quantity },
    ...{ price: fill.price, fee: fill.fee, source: 'BROKER' },
    brokerTradeId: fill.brokerTradeId,
    executedAt: isLate ? lastTradeAt : fill.executedAt,
    ...(fill.liquidity && { liquidity: fill.liquidity }),
  };
  const state = course && stateAfter(course, fill);
  const withFee = (prepared: Prepared): readonly Prepared[] =>
    fill.feeQuantity.isZero()
      ? [prepared]
      : [prepared, takeFee(booking, { trade, prepared, quantity: fill.feeQuantity })];
  if (!course || !state) {
    return { trades: withFee(booking.prepare(trade, account, position)), course };
  }
  const { order } = course;
  const available = buyingPowerOf(account).plus(order.reserved);
  const free = Decimal.max(available.minus(costOf(fill, account.currency)), ZERO);
  const reserved = reserveAfterFill({
    ...{ reserved: order.reserved, free, currency: account.currency },
    ...{ remaining: remainingOf(order), rest: remainingOf(state) },
  });
  const prepared = booking.prepare(
    {
      ...trade,
      orderId: order.id,
      fillSequence: state.version,
      released: new Decimal(order.reserved).minus(reserved),
    },
    account,
    position,
  );
  const booked = { ...course, account: prepared.booked.account };
  return { trades: withFee(prepared), course: move(booked, state, { reserved, updatedAt: now }) };
}

/**
 * A fee that was taken of what was traded: it is sold at the fill's own price, and the fee is what
 * it brought. So less is held, cash is as it was, and the fee is told as one. It is a trade by
 * itself: the order was filled with all of its quantity.
 */
function takeFee(
  booking: Pick<Booking, 'prepare'>,
  {
    trade,
    prepared,
    quantity,
  }: { readonly trade: NewTrade; readonly prepared: Prepared; readonly quantity: Decimal },
): Prepared {
  const { account, position } = prepared.booked;
  return booking.prepare(
    {
      ...{ account, instrument: trade.instrument, side: 'SELL', source: 'CORRECTION' },
      ...{ quantity, price: trade.price, fee: quantity.times(trade.price) },
      ...{ brokerTradeId: `${trade.brokerTradeId ?? ''}/fee`, executedAt: trade.executedAt },
    },
    account,
    position.closedAt === null ? position : undefined,
  );
}

/** Undefined for a fill that the order cannot have: the venue and we disagree about it. */
function stateAfter({ order }: OrderCourse, { quantity, price }: BrokerFill) {
  try {
    return transition(order, { type: 'filled', quantity, price });
  } catch (error) {
    if (error instanceof IllegalTransition) return undefined;
    throw error;
  }
}

function costOf({ side, quantity, price, fee }: BrokerFill, currency: string): Decimal {
  const charged = toBookedCash(fee, currency);
  return side === 'BUY' ? toBookedCash(quantity.times(price), currency).plus(charged) : charged;
}
