import type { Tx } from '../platform/database.ts';
import { Decimal } from '../platform/money.ts';
import type { NewEvent } from '../platform/outbox.ts';
import type { Account, Order } from '../platform/prisma/client.ts';
import { runOf } from '../platform/query.ts';
import { applyWrites } from '../platform/writes.ts';
import { balanceChanged } from '../portfolio/events.ts';
import { reserveMore } from '../portfolio/locks.ts';
import { orderChanged } from './events.ts';
import { cancel, courseOf, end, writesOf, type Ending } from './order-course.ts';

const CANCEL = `WITH canceled AS (
    UPDATE orders o SET status = 'CANCELED', reserved = 0, reason_code = $3, reason = $4,
      version = o.version + 1, updated_at = $5
    FROM unnest($1::uuid[], $2::text[]) AS w (id, status) WHERE o.id = w.id
    RETURNING o.id, o.owner_id, o.version, w.status
  )
  INSERT INTO order_events (order_id, sequence, owner_id, from_status, to_status, reason_code,
    occurred_at, recorded_at)
  SELECT id, version, owner_id, status::order_status, 'CANCELED', $3, $5, $5 FROM canceled`;

/**
 * Cancels many orders of one account as {@link end} cancels one, in few statements: all of them, or none.
 * The locks of the account and of the orders are held. Answers with the orders as they are then.
 */
export async function cancelTogether(
  tx: Tx,
  {
    account,
    orders,
    ...ending
  }: Omit<Ending, 'by'> & { readonly account: Account; readonly orders: readonly Order[] },
): Promise<readonly Order[]> {
  if (orders.length === 0) return [];
  if (account.kind === 'LIVE') return cancelAtBroker(tx, account, orders, ending);
  const { now, reason } = ending;
  const ended = orders.map(
    (order) => end(courseOf(account, order), { by: 'canceled', ...ending }).order,
  );
  const freed = orders.reduce((sum, { reserved }) => sum.plus(reserved), new Decimal(0));
  const changed = await runOf(tx, {
    text: CANCEL,
    values: [
      orders.map(({ id }) => id),
      orders.map(({ status }) => status),
      ...[reason?.code ?? null, reason?.message ?? null, now],
    ],
  });
  if (changed !== orders.length) throw new Error('An order changed under its lock.');
  await applyWrites(tx, {
    queries: reserveMore(account.id, freed.negated()),
    events: [...ended.map(orderChanged), ...balanceNews(account, freed, now)],
  });
  return ended;
}

/** One by one: each ends when its broker says so, unless it never left us. */
async function cancelAtBroker(
  tx: Tx,
  account: Account,
  orders: readonly Order[],
  ending: Omit<Ending, 'by'>,
): Promise<readonly Order[]> {
  const canceled: Order[] = [];
  let current = account;
  for (const order of orders) {
    const course = cancel(courseOf(current, order), ending);
    await applyWrites(tx, writesOf(course));
    canceled.push(course.order);
    current = course.account;
  }
  return canceled;
}

/** Told once for all of them. */
function balanceNews(account: Account, freed: Decimal, now: Date): readonly NewEvent[] {
  if (freed.isZero()) return [];
  const reserved = new Decimal(account.reserved).minus(freed);
  return [balanceChanged({ ...account, reserved }, now)];
}
