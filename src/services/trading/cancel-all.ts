import { z } from 'zod';
import type { Clock } from '../platform/clock.ts';
import type { Tx } from '../platform/database.ts';
import { NotFound } from '../platform/errors.ts';
import { isOnPaper } from '../platform/owner-filter.ts';
import { askOf } from '../platform/query.ts';
import { requireUser, type Viewer } from '../platform/viewer.ts';
import { lockAccount } from '../portfolio/locks.ts';
import { cancelTogether } from './mass-cancellation.ts';
import { cancelableOrdersLock } from './order-rows.ts';

export interface CancelAllOrders {
  readonly accountId: string;
  /** Only of this instrument. */
  readonly symbol?: string;
  readonly idempotencyKey: string;
}

const uuid = z.uuid();

/**
 * Cancels all orders of an account that can be, the oldest 1,000 with what belongs to them, and
 * answers with their ids. One transaction, under the account's lock: a fill comes before all of it
 * or after. Throws NotFound for an account that is not the viewer's.
 */
export async function cancelAllOrders(
  tx: Tx,
  clock: Clock,
  { viewer, accountId, symbol }: Omit<CancelAllOrders, 'idempotencyKey'> & { viewer: Viewer },
): Promise<string[]> {
  const { userId: ownerId } = requireUser(viewer);
  if (!uuid.safeParse(accountId).success) throw new NotFound('Account');
  const account = await lockAccount(tx, accountId);
  if (account?.ownerId !== ownerId) throw new NotFound('Account');
  if (isOnPaper(viewer) && account.kind !== 'PAPER') throw new NotFound('Account');
  const orders = await askOf(tx, cancelableOrdersLock({ accountId, symbol }));
  const canceled = await cancelTogether(tx, { account, orders, now: clock.now() });
  return canceled.map(({ id }) => id);
}
