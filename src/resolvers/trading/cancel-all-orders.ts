import { builder } from '../../schema/builder.ts';
import { IDEMPOTENCY_KEY, keyText } from '../../schema/inputs.ts';
import { Account } from '../../schema/portfolio/account.ts';
import { Order } from '../../schema/trading/order.ts';
import { IdempotencyConflict } from '../../services/platform/errors.ts';
import { given } from '../given.ts';

builder.mutationField('cancelAllOrders', (t) =>
  t.fieldWithInput({
    type: [Order],
    description:
      'Cancels all orders of an account that still work, or those of one instrument: the oldest 1,000, all ' +
      'at once or none. What was filled before stays.',
    errors: {
      types: [IdempotencyConflict],
      result: { description: 'The orders were canceled.' },
      union: { description: 'The orders were canceled, or why they were not.' },
      dataField: { name: 'orders', description: 'Those that were canceled, newest first.' },
    },
    typeOptions: { description: 'Which orders are canceled.' },
    argOptions: { description: 'Which orders are canceled.' },
    input: {
      accountId: t.input.globalID({ for: Account, description: 'The account that they are for.' }),
      symbol: t.input.string({
        required: false,
        description: 'Only of this instrument. Of all when it is left out.',
      }),
      idempotencyKey: t.input.string({ description: IDEMPOTENCY_KEY, validate: keyText }),
    },
    resolve: async (_root, { input: { accountId, ...command } }, { viewer, services }) => [
      ...(await services.orders.cancelAll(viewer, { ...given(command), accountId: accountId.id })),
    ],
  }),
);
