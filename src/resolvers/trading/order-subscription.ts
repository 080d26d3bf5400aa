import { builder } from '../../schema/builder.ts';
import { AFTER } from '../../schema/platform/event-words.ts';
import { Account } from '../../schema/portfolio/account.ts';
import { OrderEventPayload } from '../../schema/trading/order-events.ts';

builder.subscriptionField('orderEvents', (t) =>
  t.field({
    type: OrderEventPayload,
    description:
      'Your orders as they change: placed, denied, filled, canceled; each change once and in order. ' +
      'Without `after` those that work come first, at most the newest 100.',
    args: {
      accountId: t.arg.globalID({
        for: Account,
        required: false,
        description: 'Only of this account. All of yours when it is left out.',
      }),
      after: t.arg({ type: 'Cursor', required: false, description: AFTER }),
    },
    subscribe: (_root, { accountId, after }, { viewer, services }) =>
      services.orderEvents.follow(viewer, {
        accountId: accountId?.id,
        after: after ?? undefined,
      }),
    resolve: (item) => item,
  }),
);
