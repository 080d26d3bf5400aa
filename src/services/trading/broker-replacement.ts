import { Decimal, ZERO } from '../platform/money.ts';
import { balanceChanged } from '../portfolio/events.ts';
import { reserveMore } from '../portfolio/locks.ts';
import { ReplacementUnsupported } from './brokers/errors.ts';
import { replacesOrders } from './brokers/replaceable-venues.ts';
import { connectionOf, judgeVenue, type Ask, type VenueRefusal } from './brokers/venue-gate.ts';
import { isFillable, WORKING } from './engine/order-state.ts';
import { orderChanged } from './events.ts';
import { orderInsert } from './order-inserts.ts';
import type { Account, Instrument, Order } from '../platform/prisma/client.ts';
import type { Query } from '../platform/query.ts';
import type { Writes } from '../platform/writes.ts';
import type { NewOrder } from './new-orders.ts';

/**
 * Whether orders of the account are replaced at its broker, and why not now. Throws
 * ReplacementUnsupported where the venue has no such thing, before anything is judged or stored.
 */
export async function judgeReplacementAt(
  ask: Ask,
  place: {
    readonly account: Pick<Account, 'id' | 'kind'>;
    readonly instrument: Pick<Instrument, 'symbol' | 'source'>;
    readonly isLiveTrading: boolean;
  },
): Promise<VenueRefusal | undefined> {
  const [connection] = await connectionOf(ask, place.account);
  if (connection && !replacesOrders(connection)) {
    throw new ReplacementUnsupported(connection.exchange ?? connection.broker);
  }
  return judgeVenue(ask, place);
}

const SUCCESSOR = `SELECT id FROM orders
  WHERE replaces_id = $1::uuid AND status::text = ANY($2::text[]) LIMIT 1`;

/** The order that is on its way to take the place of one. The account's lock is held. */
export const successorOf = ({ id }: Pick<Order, 'id'>): Query<Pick<Order, 'id'>> => ({
  text: SUCCESSOR,
  values: [id, WORKING],
});

/** Whether the venue has an order, and works on it. */
export const isReplaceableThere = ({
  status,
  brokerOrderId,
}: Pick<Order, 'status' | 'brokerOrderId'>): boolean =>
  brokerOrderId !== null && isFillable(status);

/**
 * The order that is to be sent, beside the one whose place it is to take: that one works until the
 * venue says otherwise. So it holds back only what that one does not; the rest comes to it with the
 * place.
 */
export function standBeside(
  { account, order, placed }: { account: Account; order: Order; placed: NewOrder },
  now: Date,
): { readonly placed: NewOrder; readonly writes: Writes } {
  const more = new Decimal(placed.order.reserved).minus(order.reserved);
  const reserved = Decimal.max(more, ZERO);
  const beside = { ...placed.order, reserved };
  const after = { ...account, reserved: new Decimal(account.reserved).plus(reserved) };
  return {
    placed: { ...placed, order: beside },
    writes: {
      queries: [...orderInsert(beside, placed.history), ...reserveMore(account.id, reserved)],
      events: [orderChanged(beside), ...(reserved.isZero() ? [] : [balanceChanged(after, now)])],
    },
  };
}
