import { builder } from '../../schema/builder.ts';
import { OrderPreview, PreviewOrderInput } from '../../schema/trading/order-preview.ts';
import { given } from '../given.ts';

builder.queryField('previewOrder', (t) =>
  t.field({
    type: OrderPreview,
    nullable: true,
    description:
      'What an order would cost, and whether it would be taken, without placing it. Null, with an error, ' +
      'when it could not even be judged.',
    args: { input: t.arg({ type: PreviewOrderInput, description: 'The order.' }) },
    resolve: (_root, { input: { accountId, ...order } }, { viewer, services }) =>
      services.orderPreviews.preview(viewer, { ...given(order), accountId: accountId.id }),
  }),
);
