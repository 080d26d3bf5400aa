import type { Instrument, Order, Position } from '../platform/prisma/client.ts';
import { askOf, parameterOf, type Query } from '../platform/query.ts';
import { CANCELABLE, WORKING, type OrderState } from './engine/order-state.ts';
import { ZERO } from '../platform/money.ts';
import { insertHistory, type StateChange } from './order-inserts.ts';
import type { Tx } from '../platform/database.ts';
import { shortReserveOf } from '../portfolio/short-reserve.ts';
import type { Holding } from './engine/exposure.ts';
import type { Halt } from './risk/judge-limits.ts';
import type { ScopedLimits } from './risk/limits.ts';
import { parseRiskColumns, type RiskColumns } from './risk/risk-columns.ts';

const ORDER_COLUMNS = `id, owner_id AS "ownerId", account_id AS "accountId",
  instrument_id AS "instrumentId", client_order_id AS "clientOrderId", side, type,
  time_in_force AS "timeInForce", quantity, limit_price AS "limitPrice", stop_price AS "stopPrice",
  trail_amount AS "trailAmount", trail_percent AS "trailPercent", notional,
  order_class AS "orderClass", leg, group_id AS "groupId", replaces_id AS "replacesId",
  replaced_by_id AS "replacedById", broker_order_id AS "brokerOrderId",
  expires_at AS "expiresAt", status, filled_quantity AS "filledQuantity",
  filled_notional AS "filledNotional", reserved, reason_code AS "reasonCode", reason,
  run_id AS "runId", version, created_at AS "createdAt", updated_at AS "updatedAt"`;

/** Spelled out, so that PostgreSQL knows the partial index `orders_working` by it. */
const WORKING_LIST = WORKING.map((status) => `'${status}'`).join(', ');

const CANCELABLE_LIST = CANCELABLE.map((status) => `'${status}'`).join(', ');

/** What the gate needs besides the account. */
export interface Circumstances {
  readonly instrument: Instrument;
  readonly holding: Holding;
  /** All that hold for the account. */
  readonly limits: readonly ScopedLimits[];
  /** The widest kill switch that is on. */
  readonly halt: Halt | null;
  /** Whether the account has an order of this client order id. */
  readonly isTaken: boolean;
  /** What the account holds of the instrument, and when it last traded it. */
  readonly position: Position | undefined;
  readonly lastTradeAt: Date | undefined;
}

/** A row of them: the instrument's columns, those of what is held, and the others beside them. */
type CircumstancesRow = Instrument &
  RiskColumns &
  Pick<Circumstances, 'isTaken'> &
  Pick<Holding, 'buying' | 'selling'> & {
    /** Null when nothing is held, as are the columns of a position then. */
    readonly positionId: string | null;
    readonly positionUpdatedAt: Date;
    readonly lastTradeAt: Date | null;
  } & Omit<Position, 'id' | 'instrumentId' | 'closedAt' | 'updatedAt'>;

const CIRCUMSTANCES = `SELECT (c.instrument).id, (c.instrument).symbol, (c.instrument).name,
    (c.instrument).asset_class AS "assetClass", (c.instrument).currency, (c.instrument).zone,
    (c.instrument).tick_size AS "tickSize", (c.instrument).lot_size AS "lotSize",
    (c.instrument).is_tradable AS "isTradable", (c.instrument).source,
    (c.instrument).fee_bps AS "feeBps", (c.instrument).fee_per_unit AS "feePerUnit",
    (c.instrument).fee_minimum AS "feeMinimum", (c.instrument).calendar,
    (c.instrument).created_at AS "createdAt", c.is_taken AS "isTaken",
    (c.held).id AS "positionId", (c.held).owner_id AS "ownerId", (c.held).account_id AS "accountId",
    (c.held).quantity, (c.held).total_cost AS "totalCost", (c.held).realized_pnl AS "realizedPnl",
    (c.held).opened_at AS "openedAt", (c.held).updated_at AS "positionUpdatedAt",
    c.last_trade_at AS "lastTradeAt", c.buying, c.selling, c.limits, c.halts
  FROM order_circumstances($1::uuid, $2, $3) c`;

/** Asks for them in one statement, after the account's lock was taken: before, they could be old. */
export function circumstancesOf({
  accountId,
  symbol,
  clientOrderId,
}: {
  readonly accountId: string;
  readonly symbol: string;
  readonly clientOrderId: string;
}): Query<CircumstancesRow> {
  return { text: CIRCUMSTANCES, values: [accountId, clientOrderId, symbol] };
}

export function circumstancesFrom(row: CircumstancesRow): Circumstances {
  const { isTaken, buying, selling, limits, halts, lastTradeAt, ...rest } = row;
  const { positionId, ownerId, accountId, quantity, totalCost, realizedPnl, ...others } = rest;
  const { openedAt, positionUpdatedAt: updatedAt, ...instrument } = others;
  const position: Position | undefined =
    positionId === null
      ? undefined
      : {
          ...{ id: positionId, ownerId, accountId, instrumentId: instrument.id, quantity },
          ...{ totalCost, realizedPnl, openedAt, closedAt: null, updatedAt },
        };
  const held = position?.quantity ?? ZERO;
  const shortReserve = position ? shortReserveOf(position) : ZERO;
  return {
    ...{ instrument, isTaken, position, lastTradeAt: lastTradeAt ?? undefined },
    holding: { held, buying, selling, shortReserve },
    ...parseRiskColumns({ limits, halts }),
  };
}

const ORDER_LOCK = `SELECT ${ORDER_COLUMNS} FROM orders WHERE id = $1::uuid FOR UPDATE`;

/** Locks an order until the transaction ends. The account's lock is taken before. */
export const orderLock = (orderId: string): Query<Order> => ({
  text: ORDER_LOCK,
  values: [orderId],
});

const GROUP_LOCK = `SELECT ${ORDER_COLUMNS} FROM orders WHERE group_id = $1::uuid AND id <> $2::uuid
  AND replaced_by_id IS NULL AND status IN (${WORKING_LIST}) ORDER BY id FOR UPDATE`;

/** Locks the other orders of a group that work. The account's lock is taken before. */
export const groupLock = ({ groupId, id }: Pick<Order, 'groupId' | 'id'>): Query<Order> => ({
  text: GROUP_LOCK,
  values: [groupId, id],
});

/** Finds out which of these client order ids an account has used. */
export const usedClientOrderIds = (
  accountId: string,
  clientOrderIds: readonly string[],
): Query<{ clientOrderId: string }> => ({
  text: `SELECT client_order_id AS "clientOrderId" FROM orders
    WHERE account_id = $1::uuid AND client_order_id = ANY($2::text[])`,
  values: [accountId, clientOrderIds],
});

export async function lockOrder(tx: Tx, orderId: string): Promise<Order | undefined> {
  const [order] = await askOf(tx, orderLock(orderId));
  return order;
}

/** How many orders a set has at most, beside those of their groups. */
export const AT_ONCE_MAX = 1_000;

/** Which orders of an account. */
export interface OrdersOf {
  readonly accountId: string;
  /** Only of this instrument, by its id or its symbol. */
  readonly instrumentId?: string | undefined;
  readonly symbol?: string | undefined;
  /** Only those that were placed before. */
  readonly placedBefore?: Date | undefined;
}

/** With the rest of a group of which one is among the oldest: no set ends a group by half. */
const CANCELABLE_LOCK = `WITH oldest AS (
    SELECT id, group_id FROM orders WHERE account_id = $1::uuid AND status IN (${CANCELABLE_LIST})
      AND ($2::uuid IS NULL OR instrument_id = $2::uuid)
      AND ($3::text IS NULL OR instrument_id = (SELECT id FROM instruments WHERE symbol = $3))
      AND ($4::timestamptz IS NULL OR created_at < $4)
    ORDER BY created_at, id LIMIT ${String(AT_ONCE_MAX)})
  SELECT ${ORDER_COLUMNS} FROM orders WHERE id IN (
    SELECT id FROM oldest
    UNION SELECT o.id FROM orders o JOIN oldest b ON o.group_id = b.group_id
    WHERE o.account_id = $1::uuid AND o.replaced_by_id IS NULL
      AND o.status IN (${CANCELABLE_LIST}))
  ORDER BY id FOR UPDATE`;

/**
 * Locks the oldest orders of these that a cancel can end, in the order of their ids. The account's
 * lock is taken before.
 */
export const cancelableOrdersLock = ({
  accountId,
  instrumentId,
  symbol,
  placedBefore,
}: OrdersOf): Query<Order> => ({
  text: CANCELABLE_LOCK,
  values: [accountId, instrumentId ?? null, symbol ?? null, placedBefore ?? null],
});

const RESERVING_LOCK = `SELECT ${ORDER_COLUMNS} FROM orders WHERE id IN (
    SELECT id FROM orders WHERE account_id = $1::uuid AND status IN (${WORKING_LIST})
      AND reserved > 0
    ORDER BY created_at, id LIMIT ${String(AT_ONCE_MAX)})
  ORDER BY id FOR UPDATE`;

/** Locks the oldest orders of an account that hold back cash. Its lock is taken before. */
export const reservingOrdersLock = (accountId: string): Query<Order> => ({
  text: RESERVING_LOCK,
  values: [accountId],
});

const NEWEST_RESERVING = `SELECT ${ORDER_COLUMNS} FROM orders
  WHERE account_id = $1::uuid AND reserved > 0
    AND status IN (${CANCELABLE_LIST})
  ORDER BY created_at DESC, id DESC LIMIT 1 FOR UPDATE`;

/** Locks the newest order of an account that holds back cash and can be canceled. Its lock is taken before. */
export const newestReserving = (accountId: string): Query<Order> => ({
  text: NEWEST_RESERVING,
  values: [accountId],
});

const WORKING_LOCK = `SELECT ${ORDER_COLUMNS} FROM orders WHERE id IN (
    SELECT id FROM orders WHERE account_id = $1::uuid AND status IN (${WORKING_LIST})
      AND ($2::text IS NULL OR instrument_id = (SELECT id FROM instruments WHERE symbol = $2))
    ORDER BY created_at, id LIMIT ${String(AT_ONCE_MAX)})
  ORDER BY id FOR UPDATE`;

/** Locks the oldest orders of an account that work, of one instrument or of all. Its lock is taken before. */
export const workingOrdersLock = (accountId: string, symbol?: string): Query<Order> => ({
  text: WORKING_LOCK,
  values: [accountId, symbol ?? null],
});

/** A change of an order, and the version that it was decided on. */
export interface OrderChange {
  readonly before: Order;
  readonly after: Order;
  readonly change: StateChange;
}

const UPDATE_ORDER = `UPDATE orders SET status = $3::order_status, filled_quantity = $4::numeric,
    filled_notional = $5::numeric, reserved = $6::numeric, reason_code = $7, reason = $8,
    version = $9, updated_at = $10, quantity = $11::numeric, stop_price = $12::numeric,
    replaced_by_id = $13::uuid
  WHERE id = $1::uuid AND version = $2`;

/**
 * Stores what an order became, with all changes on the way, the first of them first. Its lock is held. The
 * line of history of a change that was made meanwhile has the same number, so that the database refuses
 * to store this one without it.
 */
export function orderUpdate(before: Order, changes: readonly OrderChange[]): readonly Query[] {
  const after = changes.at(-1)?.after;
  if (!after) return [];
  const { status, filledQuantity, filledNotional, reserved, reasonCode, reason } = after;
  const numbers = [filledQuantity, filledNotional, reserved].map(parameterOf);
  const values = [before.id, before.version, status, ...numbers, reasonCode, reason];
  return [
    { text: UPDATE_ORDER, values: [...values, ...changeable(after)] },
    insertHistory(
      after,
      changes.map(({ change }) => change),
    ),
  ];
}

const changeable = ({ version, updatedAt, quantity, stopPrice, replacedById }: Order) => [
  ...[version, updatedAt, parameterOf(quantity), parameterOf(stopPrice), replacedById],
];

/** The row and its line of history after `state` was reached. */
export function changeOf(
  before: Order,
  state: OrderState,
  given: Pick<Order, 'reserved' | 'updatedAt'> &
    Partial<Pick<Order, 'reasonCode' | 'reason' | 'stopPrice' | 'replacedById'>>,
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
