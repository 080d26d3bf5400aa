import { builder } from '../../schema/builder.ts';
import { reading } from '../../schema/reading.ts';
import { Order } from '../../schema/trading/order.ts';
import { OrderStep } from '../../schema/trading/order-step.ts';
import type { Order as OrderRow } from '../../services/platform/prisma/client.ts';
import type { OrderStatus } from '../../services/platform/prisma/enums.ts';

type OrderFields = Parameters<Parameters<typeof builder.objectFields<typeof Order>>[1]>[0];

/** When the order first stood there. All of them, and the timeline, are read in one statement. */
const timeOf = (t: OrderFields, status: OrderStatus, what: string) =>
  t.field({
    type: 'DateTime',
    nullable: true,
    description: `When ${what}. Null when it never was.`,
    ...reading<OrderRow>('id'),
    resolve: async ({ id }, _args, { load }) => {
      const steps = await load.timeline(id);
      return steps.find((step) => step.status === status)?.at ?? null;
    },
  });

builder.objectFields(Order, (t) => ({
  timeline: t.field({
    type: [OrderStep],
    description:
      'Its life, step by step, the first one first. Each fill of a part of it is a step; of more ' +
      'than 200, the first and the last hundred are shown.',
    ...reading<OrderRow>('id'),
    resolve: async ({ id }, _args, { load }) => [...(await load.timeline(id))],
  }),
  submittedAt: timeOf(t, 'SUBMITTED', 'it was sent to the venue'),
  acceptedAt: timeOf(t, 'ACCEPTED', 'the venue took it'),
  triggeredAt: timeOf(t, 'TRIGGERED', 'its stop was seen'),
  partiallyFilledAt: timeOf(t, 'PARTIALLY_FILLED', 'a first part of it was filled'),
  filledAt: timeOf(t, 'FILLED', 'all of it was filled'),
  cancelRequestedAt: timeOf(t, 'CANCEL_PENDING', 'the venue was asked to cancel it'),
  canceledAt: timeOf(t, 'CANCELED', 'it was canceled'),
  replacedAt: timeOf(t, 'REPLACED', 'another order took its place'),
  expiredAt: timeOf(t, 'EXPIRED', 'its time was over'),
  deniedAt: timeOf(t, 'DENIED', 'our own checks refused it'),
  rejectedAt: timeOf(t, 'REJECTED', 'the venue refused it'),
  unansweredAt: timeOf(t, 'UNKNOWN', 'the venue did not answer'),
}));

builder.objectFields(Order, (t) => ({
  replaces: t.field({
    type: Order,
    nullable: true,
    description: 'The order whose place it took. Null when it took none.',
    ...reading<OrderRow>('replacesId'),
    resolve: ({ replacesId }, _args, { load }) =>
      replacesId === null ? null : load.byId('order', replacesId),
  }),
  replacedBy: t.field({
    type: Order,
    nullable: true,
    description: 'The order that took its place. Null when none did.',
    ...reading<OrderRow>('replacedById'),
    resolve: ({ replacedById }, _args, { load }) =>
      replacedById === null ? null : load.byId('order', replacedById),
  }),
}));
