import { builder } from '../builder.ts';
import { IDEMPOTENCY_KEY, keyText } from '../inputs.ts';
import { orderTerms } from './order-terms.ts';

export const OrderRequestInput = builder.inputType('OrderRequest', {
  description: 'An order of a list, as `placeOrder` takes it.',
  fields: (t) => ({
    ...orderTerms(t),
    clientOrderId: t.string({
      description: `${IDEMPOTENCY_KEY} It is unique in the account.`,
      validate: keyText,
    }),
  }),
});
