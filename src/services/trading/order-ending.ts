import { applyWrites } from '../platform/writes.ts';
import { lockAccount } from '../portfolio/locks.ts';
import { coursesOfGroup, writesOfAll } from './order-groups.ts';
import { groupLock } from './order-rows.ts';
import { askOf } from '../platform/query.ts';
import { cancel, courseOf, type Ending } from './order-course.ts';
import type { Tx } from '../platform/database.ts';
import type { Order } from '../platform/prisma/client.ts';

/**
 * Cancels an order, and with it the others of its group that make no sense without it; answers with
 * all that changed. The locks of the account and of the order are held.
 */
export async function cancelWithGroup(
  tx: Tx,
  order: Order,
  ending: Omit<Ending, 'by'>,
): Promise<readonly Order[]> {
  const account = await lockAccount(tx, order.accountId);
  if (!account) throw new Error(`Order ${order.id} has lost its account.`);
  const others = order.groupId === null ? [] : await askOf(tx, groupLock(order));
  const { now } = ending;
  const course = cancel(courseOf(account, order), ending);
  const news = { type: 'canceled', isAsked: true } as const;
  const rest = coursesOfGroup({ course, news, others, now });
  await applyWrites(tx, writesOfAll(course, rest));
  return [course.order, ...rest.map((each) => each.order)];
}
