import type { OrderStep as StepShape } from '../../services/trading/order-timeline.ts';
import { builder } from '../builder.ts';
import { OrderStatusEnum } from './enums.ts';

export const OrderStep = builder.objectRef<StepShape>('OrderStep').implement({
  description: 'A step in the life of an order.',
  fields: (t) => ({
    status: t.expose('status', { type: OrderStatusEnum, description: 'Where it led to.' }),
    at: t.expose('at', {
      type: 'DateTime',
      description: "When it happened; at a broker, by the broker's clock.",
    }),
    recordedAt: t.expose('recordedAt', {
      type: 'DateTime',
      description: 'When it was written down.',
    }),
    latencyMs: t.exposeInt('latencyMs', {
      nullable: true,
      description:
        'Milliseconds since the step before. Null for the first, and where the step before is left out.',
    }),
    reasonCode: t.exposeString('reasonCode', {
      nullable: true,
      description: 'Why, such as `CANCEL_ON_DISCONNECT`. Null for what needs no reason.',
    }),
  }),
});
