import { z } from 'zod';
import { accountTopic } from '../portfolio/events.ts';
import { decimalField, timeField, toPayload } from '../platform/payload.ts';
import {
  OrderClass,
  OrderLeg,
  OrderSide,
  OrderStatus,
  OrderType,
  TimeInForce,
} from '../platform/prisma/enums.ts';
import type { NewEvent } from '../platform/outbox.ts';
import type { Order } from '../platform/prisma/client.ts';

export const ORDER_CHANGED = 'OrderChanged';

/** Tells an order as its newest change left it. */
export function orderChanged(order: Order): NewEvent {
  return {
    topic: accountTopic(order.accountId),
    ownerId: order.ownerId,
    type: ORDER_CHANGED,
    version: 1,
    payload: toPayload({ ...order }),
    occurredAt: order.updatedAt,
  };
}

const orderPayload = z.object({
  id: z.string(),
  ownerId: z.string(),
  accountId: z.string(),
  instrumentId: z.string(),
  clientOrderId: z.string(),
  side: z.enum(OrderSide),
  type: z.enum(OrderType),
  timeInForce: z.enum(TimeInForce),
  quantity: decimalField,
  limitPrice: decimalField.nullable().default(null),
  stopPrice: decimalField.nullable().default(null),
  trailAmount: decimalField.nullable().default(null),
  trailPercent: decimalField.nullable().default(null),
  notional: decimalField.nullable().default(null),
  orderClass: z.enum(OrderClass).default('SIMPLE'),
  leg: z.enum(OrderLeg).nullable().default(null),
  groupId: z.string().nullable().default(null),
  replacesId: z.string().nullable().default(null),
  replacedById: z.string().nullable().default(null),
  brokerOrderId: z.string().nullable().default(null),
  expiresAt: timeField.nullable().default(null),
  status: z.enum(OrderStatus),
  filledQuantity: decimalField,
  filledNotional: decimalField,
  reserved: decimalField,
  reasonCode: z.string().nullable(),
  reason: z.string().nullable(),
  runId: z.string().nullable(),
  version: z.number(),
  createdAt: timeField,
  updatedAt: timeField,
});

/** The order that an OrderChanged event of version 1 tells; throws a ZodError for anything else. */
export function parseOrderChanged(payload: unknown): Order {
  return orderPayload.parse(payload);
}
