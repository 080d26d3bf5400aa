import { Prisma, type Instrument, type Order } from '../platform/prisma/client.ts';
import { WORKING, type OrderState } from './engine/order-state.ts';
import type { Decimal } from '../platform/money.ts';
import type { OrderStatus } from '../platform/prisma/enums.ts';
import type { Tx } from '../platform/database.ts';

/** One line of an order's history. */
export interface StateChange {
  /** The order's version after the change. */
  readonly sequence: number;
  readonly fromStatus: OrderStatus | null;
  readonly toStatus: OrderStatus;
  readonly reasonCode: string | null;
  readonly occurredAt: Date;
  readonly recordedAt: Date;
}

const ORDER_COLUMNS = Prisma.raw(`id, owner_id AS "ownerId", account_id AS "accountId",
  instrument_id AS "instrumentId", client_order_id AS "clientOrderId", side, type,
  time_in_force AS "timeInForce", quantity, limit_price AS "limitPrice", stop_price AS "stopPrice",
  trail_amount AS "trailAmount", trail_percent AS "trailPercent", notional,
  order_class AS "orderClass", leg, group_id AS "groupId", replaces_id AS "replacesId",
  replaced_by_id AS "replacedById", broker_order_id AS "brokerOrderId",
  expires_at AS "expiresAt", status, filled_quantity AS "filledQuantity",
  filled_notional AS "filledNotional", reserved, reason_code AS "reasonCode", reason,
  run_id AS "runId", version, created_at AS "createdAt", updated_at AS "updatedAt"`);

/** Spelled out, so that PostgreSQL knows the partial index `orders_working` by it. */
const WORKING_LIST = Prisma.raw(WORKING.map((status) => `'${status}'`).join(', '));

/** What the gate needs besides the account. */
export interface Circumstances {
  readonly instrument: Instrument;
  /** Held, and in no open sell order. */
  readonly sellable: Decimal;
  /** Whether the account has an order of this client order id. */
  readonly isTaken: boolean;
}

/** Reads them in one statement, after the account's lock was taken: before, they could be old. */
export async function readCircumstances(
  tx: Tx,
  {
    accountId,
    symbol,
    clientOrderId,
  }: { readonly accountId: string; readonly symbol: string; readonly clientOrderId: string },
): Promise<Circumstances | undefined> {
  const [row] = await tx.$queryRaw<(Instrument & Omit<Circumstances, 'instrument'>)[]>`
    SELECT i.id, i.symbol, i.name, i.asset_class AS "assetClass", i.currency, i.zone,
      i.tick_size AS "tickSize", i.lot_size AS "lotSize", i.is_tradable AS "isTradable", i.source,
      i.fee_bps AS "feeBps", i.fee_per_unit AS "feePerUnit", i.fee_minimum AS "feeMinimum",
      i.calendar, i.created_at AS "createdAt",
      EXISTS (SELECT 1 FROM orders WHERE account_id = ${accountId}::uuid
        AND client_order_id = ${clientOrderId}) AS "isTaken",
      coalesce((SELECT sum(quantity) FROM positions WHERE account_id = ${accountId}::uuid
          AND instrument_id = i.id AND closed_at IS NULL), 0)
        - coalesce((SELECT sum(quantity - filled_quantity) FROM orders
          WHERE account_id = ${accountId}::uuid AND instrument_id = i.id AND side = 'SELL'
            AND status IN (${WORKING_LIST})), 0) AS sellable
    FROM instruments i WHERE i.symbol = ${symbol}`;
  if (!row) return undefined;
  const { isTaken, sellable, ...instrument } = row;
  return { instrument, isTaken, sellable };
}

/** Locks an order until the transaction ends. The account's lock is taken before. */
export async function lockOrder(tx: Tx, orderId: string): Promise<Order | undefined> {
  const [order] = await tx.$queryRaw<Order[]>`
    SELECT ${ORDER_COLUMNS} FROM orders WHERE id = ${orderId}::uuid FOR UPDATE`;
  return order;
}

const AT_ONCE_MAX = 1_000;

/** Locks the oldest orders of an account that work, in the order of their ids. Its lock is taken before. */
export function lockWorkingOrders(
  tx: Tx,
  accountId: string,
  condition: Prisma.Sql,
): Promise<Order[]> {
  return tx.$queryRaw<Order[]>`
    SELECT ${ORDER_COLUMNS} FROM orders WHERE id IN (
      SELECT id FROM orders WHERE account_id = ${accountId}::uuid
        AND status IN (${WORKING_LIST}) AND ${condition}
      ORDER BY created_at, id LIMIT ${AT_ONCE_MAX})
    ORDER BY id FOR UPDATE`;
}

/** Stores a new order with its history, and holds back its cash, in one statement. */
export async function insertOrder(
  tx: Tx,
  order: Order,
  history: readonly StateChange[],
): Promise<void> {
  await tx.$executeRaw`
    WITH placed AS (
      INSERT INTO orders (id, owner_id, account_id, instrument_id, client_order_id, side, type,
        time_in_force, quantity, limit_price, stop_price, expires_at, status, filled_quantity, filled_notional, reserved, reason_code,
        reason, run_id, version, created_at, updated_at)
      VALUES (${order.id}::uuid, ${order.ownerId}::uuid, ${order.accountId}::uuid,
        ${order.instrumentId}::uuid, ${order.clientOrderId}, ${order.side}::order_side,
        ${order.type}::order_type, ${order.timeInForce}::time_in_force,
        ${order.quantity.toFixed()}::numeric, ${order.limitPrice?.toFixed() ?? null}::numeric,
        ${order.stopPrice?.toFixed() ?? null}::numeric, ${order.expiresAt}, ${order.status}::order_status, 0, 0,
        ${order.reserved.toFixed()}::numeric, ${order.reasonCode}, ${order.reason},
        ${order.runId}::uuid, ${order.version}, ${order.createdAt}, ${order.updatedAt})
    ), history AS (${historyInsert(order, history)})
    UPDATE accounts SET reserved = reserved + ${order.reserved.toFixed()}::numeric
    WHERE id = ${order.accountId}::uuid AND ${order.reserved.toFixed()}::numeric <> 0`;
}

/** A change of an order, and the version that it was decided on. */
export interface OrderChange {
  readonly before: Order;
  readonly after: Order;
  readonly change: StateChange;
}

/**
 * Stores a change with its line of history. `condition` must hold as well, and may lock what it
 * reads. Answers whether it was stored: it is not, when the order has another version by now.
 */
export async function updateOrder(
  tx: Tx,
  { before, after, change }: OrderChange,
  condition: Prisma.Sql = Prisma.sql`true`,
): Promise<boolean> {
  const changed = await tx.$executeRaw`
    WITH changed AS (
      UPDATE orders SET status = ${after.status}::order_status,
        filled_quantity = ${after.filledQuantity.toFixed()}::numeric,
        filled_notional = ${after.filledNotional.toFixed()}::numeric,
        reserved = ${after.reserved.toFixed()}::numeric, reason_code = ${after.reasonCode},
        reason = ${after.reason}, version = ${after.version}, updated_at = ${after.updatedAt}
      WHERE id = ${before.id}::uuid AND version = ${before.version} AND ${condition}
      RETURNING id
    )
    INSERT INTO order_events (order_id, sequence, owner_id, from_status, to_status, reason_code,
      occurred_at, recorded_at)
    SELECT id, ${change.sequence}, ${after.ownerId}::uuid, ${change.fromStatus}::order_status,
      ${change.toStatus}::order_status, ${change.reasonCode}, ${change.occurredAt},
      ${change.recordedAt}
    FROM changed`;
  return changed === 1;
}

/** The row and its line of history after `state` was reached. */
export function changeOf(
  before: Order,
  state: OrderState,
  given: Pick<Order, 'reserved' | 'updatedAt'> & Partial<Pick<Order, 'reasonCode' | 'reason'>>,
): OrderChange {
  const after = { ...before, ...state, ...given };
  return {
    before,
    after,
    change: {
      sequence: after.version,
      fromStatus: before.status,
      toStatus: after.status,
      reasonCode: given.reasonCode ?? null,
      occurredAt: given.updatedAt,
      recordedAt: given.updatedAt,
    },
  };
}

function historyInsert(order: Order, history: readonly StateChange[]): Prisma.Sql {
  const rows = history.map(
    (line) => Prisma.sql`(${order.id}::uuid, ${line.sequence}, ${order.ownerId}::uuid,
      ${line.fromStatus}::order_status, ${line.toStatus}::order_status, ${line.reasonCode},
      ${line.occurredAt}, ${line.recordedAt})`,
  );
  return Prisma.sql`INSERT INTO order_events (order_id, sequence, owner_id, from_status, to_status,
    reason_code, occurred_at, recorded_at) VALUES ${Prisma.join(rows)}`;
}
