import { appendEvents, type NewEvent } from '../platform/outbox.ts';
import { Decimal } from '../platform/money.ts';
import { askOf, type Query } from '../platform/query.ts';
import { balanceChanged } from '../portfolio/events.ts';
import { lockAccount, reserveMore } from '../portfolio/locks.ts';
import { orderChanged } from './events.ts';
import { cancel, courseOf, type Ending } from './order-course.ts';
import { cancelableOrdersLock, type OrdersOf } from './order-rows.ts';
import type { Tx } from '../platform/database.ts';
import type { Account, Order } from '../platform/prisma/client.ts';

const CANCEL = `WITH canceled AS (
    UPDATE orders o SET status = w.after::order_status,
      reserved = CASE w.after WHEN 'CANCELED' THEN 0 ELSE o.reserved END,
      reason_code = coalesce($4, o.reason_code), reason = coalesce($5, o.reason),
      version = o.version + 1, updated_at = $6
    FROM unnest($1::uuid[], $2::text[], $3::text[]) AS w (id, before, after) WHERE o.id = w.id
    RETURNING o.id, o.owner_id, o.version, w.before, w.after
  )
  INSERT INTO order_events (order_id, sequence, owner_id, from_status, to_status, reason_code,
    occurred_at, recorded_at)
  SELECT id, version, owner_id, before::order_status, after::order_status, $4, $6, $6
  FROM canceled`;

/** What the cancellation of many orders comes to. */
interface MassCancellation {
  /** As they are then. */
  readonly orders: readonly Order[];
  /** One after the other. */
  readonly queries: readonly Query[];
  readonly events: readonly NewEvent[];
}

type Canceled = Omit<Ending, 'by'> & {
  readonly account: Account;
  /** All of this account. */
  readonly orders: readonly Order[];
};

/**
 * The cancellation of many orders of one account, as {@link cancel} cancels one, in few statements:
 * what is at a broker is only asked for. The locks of the account and of the orders are held.
 */
export function massCancellation({ account, orders, ...ending }: Canceled): MassCancellation {
  if (orders.length === 0) return { orders, queries: [], events: [] };
  const { now, reason } = ending;
  const after = orders.map((order) => cancel(courseOf(account, order), ending).order);
  const freed = reservedBy(orders).minus(reservedBy(after));
  const values = [
    orders.map(({ id }) => id),
    orders.map(({ status }) => status),
    after.map(({ status }) => status),
    ...[reason?.code ?? null, reason?.message ?? null, now],
  ];
  return {
    orders: after,
    queries: [{ text: CANCEL, values }, ...reserveMore(account.id, freed.negated())],
    events: [...after.map(orderChanged), ...balanceNews(account, freed, now)],
  };
}

/** Cancels them all, or none, and answers with the orders as they are then. */
export async function cancelTogether(tx: Tx, canceled: Canceled): Promise<readonly Order[]> {
  const { orders, queries, events } = massCancellation(canceled);
  for (const query of queries) await askOf(tx, query);
  await appendEvents(tx, events);
  return orders;
}

/**
 * Cancels all orders of these that can be, however many, and answers with them. The account's lock
 * is taken if it is not held yet.
 */
export async function cancelAllOf(
  tx: Tx,
  wanted: OrdersOf,
  ending: Omit<Ending, 'by'>,
): Promise<readonly Order[]> {
  const canceled: Order[] = [];
  for (;;) {
    const account = await lockAccount(tx, wanted.accountId);
    // What was canceled is not among the next.
    const orders = account ? await askOf(tx, cancelableOrdersLock(wanted)) : [];
    if (!account || orders.length === 0) return canceled;
    canceled.push(...(await cancelTogether(tx, { account, orders, ...ending })));
  }
}

const reservedBy = (orders: readonly Order[]): Decimal =>
  orders.reduce((sum, { reserved }) => sum.plus(reserved), new Decimal(0));

/** Told once for all of them. */
function balanceNews(account: Account, freed: Decimal, now: Date): readonly NewEvent[] {
  if (freed.isZero()) return [];
  const reserved = new Decimal(account.reserved).minus(freed);
  return [balanceChanged({ ...account, reserved }, now)];
}
