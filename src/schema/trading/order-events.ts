import type { OwnEvent } from '../../services/accounts/own-events.ts';
import type { Order as OrderRow } from '../../services/platform/prisma/client.ts';
import { builder } from '../builder.ts';
import { CURSOR, OCCURRED_AT } from '../platform/event-words.ts';
import { StreamGap } from '../platform/stream.ts';
import { Order } from './order.ts';

export const OrderChanged = builder.objectRef<OwnEvent<OrderRow>>('OrderChanged').implement({
  description: 'An order was placed, or is not as it was.',
  fields: (t) => ({
    cursor: t.expose('cursor', { type: 'Cursor', description: CURSOR }),
    occurredAt: t.expose('occurredAt', { type: 'DateTime', description: OCCURRED_AT }),
    order: t.field({
      type: Order,
      description: 'The order as the event left it.',
      resolve: ({ row }) => row,
    }),
  }),
});

export const OrderEventPayload = builder.unionType('OrderEventPayload', {
  description: 'An order, or the news that some may be missing.',
  types: [OrderChanged, StreamGap],
  resolveType: ({ kind }) => (kind === 'gap' ? StreamGap : OrderChanged),
});
