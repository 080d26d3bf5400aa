import { z } from 'zod';
import type { Clock } from '../platform/clock.ts';
import type { Tx } from '../platform/database.ts';
import { NotFound } from '../platform/errors.ts';
import { isOnPaper } from '../platform/owner-filter.ts';
import { Prisma } from '../platform/prisma/client.ts';
import { requireUser, type Viewer } from '../platform/viewer.ts';
import { lockAccount } from '../portfolio/locks.ts';
import { isCancelable } from './cancellation.ts';
import { endOrder } from './order-ending.ts';
import { lockWorkingOrders } from './order-rows.ts';

export interface CancelAllOrders {
  readonly accountId: string;
  /** Only of this instrument. */
  readonly symbol?: string;
  readonly idempotencyKey: string;
}

const uuid = z.uuid();

/**
 * Cancels all orders of an account that can be, at most 1,000 at once and the oldest first, and answers
 * with their ids. One transaction, under the account's lock: a fill comes before all of it or after.
 * Throws NotFound for an account that is not the viewer's.
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
  const ofInstrument =
    symbol === undefined
      ? Prisma.sql`true`
      : Prisma.sql`instrument_id = (SELECT id FROM instruments WHERE symbol = ${symbol})`;
  const orders = await lockWorkingOrders(tx, accountId, ofInstrument);
  const now = clock.now();
  const canceled: string[] = [];
  for (const order of orders.filter(({ status }) => isCancelable(status))) {
    await endOrder(tx, { order, now });
    canceled.push(order.id);
  }
  return canceled;
}
