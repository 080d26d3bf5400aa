import { Prisma } from '../platform/prisma/client.ts';
import { systemViewer } from '../platform/viewer.ts';
import { FILLABLE } from './engine/order-state.ts';
import type { Database } from '../platform/database.ts';
import type { OpenOrder } from './resting-orders.ts';

/** Spelled out, so that PostgreSQL knows the partial index `orders_working` by it. */
const FILLABLE_LIST = Prisma.raw(FILLABLE.map((status) => `'${status}'`).join(', '));

/** The orders of some instruments that can be filled and were placed at or after `since`. */
export async function readOpenOrders(
  workerDb: Database,
  { instrumentIds, since }: { readonly instrumentIds: readonly string[]; readonly since: Date },
): Promise<readonly OpenOrder[]> {
  if (instrumentIds.length === 0) return [];
  return workerDb.snapshot(
    systemViewer(),
    (tx) => tx.$queryRaw<OpenOrder[]>`
      SELECT id, account_id AS "accountId", instrument_id AS "instrumentId", side, type, status,
        time_in_force AS "timeInForce", limit_price AS "limitPrice", stop_price AS "stopPrice",
        created_at AS "createdAt", expires_at AS "expiresAt", quantity - filled_quantity AS remaining
      FROM orders WHERE instrument_id = ANY(${[...instrumentIds]}::uuid[])
        AND created_at >= ${since} AND status IN (${FILLABLE_LIST})
      ORDER BY created_at, id`,
  );
}
