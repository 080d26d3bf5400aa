import { Prisma } from '../platform/prisma/client.ts';
import { systemViewer } from '../platform/viewer.ts';
import { FILLABLE } from './engine/order-state.ts';
import type { Database } from '../platform/database.ts';
import type { OpenOrder } from './resting-orders.ts';

/** Spelled out, so that PostgreSQL knows the partial index `orders_working` by it. */
const FILLABLE_LIST = Prisma.raw(FILLABLE.map((status) => `'${status}'`).join(', '));

/** Which open orders to read: of some instruments, placed at or after `since`; or some orders. */
type Wanted =
  | { readonly instrumentIds: readonly string[]; readonly since: Date }
  | { readonly orderIds: readonly string[] };

/** Orders that can be filled on paper. Those of other accounts are filled by their venues. */
export async function readOpenOrders(
  workerDb: Database,
  wanted: Wanted,
): Promise<readonly OpenOrder[]> {
  const ids = 'orderIds' in wanted ? wanted.orderIds : wanted.instrumentIds;
  if (ids.length === 0) return [];
  const filter =
    'orderIds' in wanted
      ? Prisma.sql`id = ANY(${[...ids]}::uuid[])`
      : Prisma.sql`instrument_id = ANY(${[...ids]}::uuid[]) AND created_at >= ${wanted.since}`;
  return workerDb.snapshot(
    systemViewer(),
    (tx) => tx.$queryRaw<OpenOrder[]>`
      SELECT id, account_id AS "accountId", instrument_id AS "instrumentId", side, type, status,
        time_in_force AS "timeInForce", limit_price AS "limitPrice", stop_price AS "stopPrice",
        trail_amount AS "trailAmount", trail_percent AS "trailPercent",
        created_at AS "createdAt", expires_at AS "expiresAt", quantity - filled_quantity AS remaining
      FROM orders WHERE ${filter} AND status IN (${FILLABLE_LIST})
        AND EXISTS (SELECT 1 FROM accounts a WHERE a.id = account_id AND a.kind = 'PAPER')
      ORDER BY created_at, id`,
  );
}
