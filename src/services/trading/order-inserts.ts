import { createInsert, type Query } from '../platform/query.ts';
import type { Order } from '../platform/prisma/client.ts';
import type { OrderStatus } from '../platform/prisma/enums.ts';

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

/** The statements that store a new order with its history. What it holds back is stored beside them. */
export function orderInsert(order: Order, history: readonly StateChange[]): readonly Query[] {
  return [insertOrders([order]), insertHistory(order, history)];
}

export function insertHistory(
  { id: orderId, ownerId }: Pick<Order, 'id' | 'ownerId'>,
  history: readonly StateChange[],
): Query {
  return insertLines(history.map((line) => ({ orderId, ownerId, ...line })));
}

const insertOrders = createInsert<Order>('orders', {
  id: 'id',
  ownerId: 'owner_id',
  accountId: 'account_id',
  instrumentId: 'instrument_id',
  clientOrderId: 'client_order_id',
  side: 'side',
  type: 'type',
  timeInForce: 'time_in_force',
  quantity: 'quantity',
  limitPrice: 'limit_price',
  stopPrice: 'stop_price',
  trailAmount: 'trail_amount',
  trailPercent: 'trail_percent',
  notional: 'notional',
  orderClass: 'order_class',
  leg: 'leg',
  groupId: 'group_id',
  replacesId: 'replaces_id',
  replacedById: 'replaced_by_id',
  brokerOrderId: 'broker_order_id',
  expiresAt: 'expires_at',
  status: 'status',
  filledQuantity: 'filled_quantity',
  filledNotional: 'filled_notional',
  reserved: 'reserved',
  reasonCode: 'reason_code',
  reason: 'reason',
  runId: 'run_id',
  version: 'version',
  createdAt: 'created_at',
  updatedAt: 'updated_at',
});

const insertLines = createInsert<StateChange & { orderId: string; ownerId: string }>(
  'order_events',
  {
    orderId: 'order_id',
    sequence: 'sequence',
    ownerId: 'owner_id',
    fromStatus: 'from_status',
    toStatus: 'to_status',
    reasonCode: 'reason_code',
    occurredAt: 'occurred_at',
    recordedAt: 'recorded_at',
  },
);
