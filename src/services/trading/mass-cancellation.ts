import { appendEvents, type NewEvent } from '../platform/outbox.ts';
import { Decimal } from '../platform/money.ts';
import { askOf, type Query } from '../platform/query.ts';
import { balanceChanged } from '../portfolio/events.ts';
import { reserveMore } from '../portfolio/locks.ts';
import { orderChanged } from './events.ts';
import { cancel, courseOf, end, writesOf, type Ending } from './order-course.ts';
import type { Tx } from '../platform/database.ts';
import type { Account, Order } from '../platform/prisma/client.ts';

const CANCEL = `WITH canceled AS (
    UPDATE orders o SET status = 'CANCELED', reserved = 0, reason_code = $3, reason = $4,
      version = o.version + 1, updated_at = $5
    FROM unnest($1::uuid[], $2::text[]) AS w (id, status) WHERE o.id = w.id
    RETURNING o.id, o.owner_id, o.version, w.status
  )
  INSERT INTO order_events (order_id, sequence, owner_id, from_status, to_status, reason_code,
    occurred_at, recorded_at)
  SELECT id, version, owner_id, status::order_status, 'CANCELED', $3, $5, $5 FROM canceled`;

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
 * The cancellation of many orders of one account, as {@link end} cancels one, in few statements. The locks
 * of the account and of the orders are held.
 */
export function massCancellation({ account, orders, ...ending }: Canceled): MassCancellation {
  if (orders.length === 0) return { orders, queries: [], events: [] };
  if (account.kind === 'LIVE') return cancellationAtBroker(account, orders, ending);
  const { now, reason } = ending;
  const ended = orders.map(
    (order) => end(courseOf(account, order), { by: 'canceled', ...ending }).order,
  );
  const freed = orders.reduce((sum, { reserved }) => sum.plus(reserved), new Decimal(0));
  const values = [
    orders.map(({ id }) => id),
    orders.map(({ status }) => status),
    ...[reason?.code ?? null, reason?.message ?? null, now],
  ];
  return {
    orders: ended,
    queries: [{ text: CANCEL, values }, ...reserveMore(account.id, freed.negated())],
    events: [...ended.map(orderChanged), ...balanceNews(account, freed, now)],
  };
}

/** Cancels them all, or none, and answers with the orders as they are then. */
export async function cancelTogether(tx: Tx, canceled: Canceled): Promise<readonly Order[]> {
  const { orders, queries, events } = massCancellation(canceled);
  for (const query of queries) await askOf(tx, query);
  await appendEvents(tx, events);
  return orders;
}

/** One by one: each ends when its broker says so, unless it never left us. */
function cancellationAtBroker(
  account: Account,
  orders: readonly Order[],
  ending: Omit<Ending, 'by'>,
): MassCancellation {
  let current = account;
  const courses = orders.map((order) => {
    const course = cancel(courseOf(current, order), ending);
    current = course.account;
    return course;
  });
  return {
    orders: courses.map(({ order }) => order),
    queries: courses.flatMap((course) => writesOf(course).queries),
    events: courses.flatMap(({ events }) => events),
  };
}

/** Told once for all of them. */
function balanceNews(account: Account, freed: Decimal, now: Date): readonly NewEvent[] {
  if (freed.isZero()) return [];
  const reserved = new Decimal(account.reserved).minus(freed);
  return [balanceChanged({ ...account, reserved }, now)];
}
