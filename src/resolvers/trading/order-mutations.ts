import { builder } from '../../schema/builder.ts';
import { IDEMPOTENCY_KEY, keyText } from '../../schema/inputs.ts';
import { Account } from '../../schema/portfolio/account.ts';
import { orderTerms } from '../../schema/trading/order-terms.ts';
import { Order } from '../../schema/trading/order.ts';
import { given } from '../given.ts';
import { IdempotencyConflict } from '../../services/platform/errors.ts';
import { OrderNotCancelable } from '../../services/trading/errors.ts';
import { ORDER_DENIALS } from './order-denials.ts';

builder.mutationFields((t) => ({
  placeOrder: t.fieldWithInput({
    type: Order,
    description:
      'Places an order. It may be filled already when this answers; subscribe to `tradeExecuted` for ' +
      'what follows.',
    errors: {
      types: [...ORDER_DENIALS, IdempotencyConflict],
      result: { description: 'The order was taken.' },
      union: { description: 'The order was taken, or why it was not.' },
      dataField: { name: 'order', description: 'The order as it is now.' },
    },
    typeOptions: {
      description:
        'The order. Example: `{ accountId: "…", symbol: "ACME.SIM", side: BUY, quantity: "10", ' +
        'clientOrderId: "…" }`, or with `type: LIMIT, limitPrice: "101.50", timeInForce: DAY`, or ' +
        'with `orderClass: BRACKET, takeProfit: { limitPrice: "120" }, stopLoss: { stopPrice: "95" }`.',
    },
    argOptions: { description: 'The order.' },
    input: {
      accountId: t.input.globalID({ for: Account, description: 'The account that it is for.' }),
      ...orderTerms(t.input),
      clientOrderId: t.input.string({
        description: `${IDEMPOTENCY_KEY} It is unique in the account.`,
        validate: keyText,
      }),
    },
    resolve: (_root, { input: { accountId, ...order } }, { viewer, services }) =>
      services.orders.place(viewer, { ...given(order), accountId: accountId.id }),
  }),
}));

builder.mutationFields((t) => ({
  cancelOrder: t.fieldWithInput({
    type: Order,
    description: 'Cancels an order that still works. What was filled before stays.',
    errors: {
      types: [IdempotencyConflict, OrderNotCancelable],
      result: { description: 'The order was canceled.' },
      union: { description: 'The order was canceled, or why it was not.' },
      dataField: { name: 'order', description: 'The order as it is now.' },
    },
    typeOptions: { description: 'Which order is canceled.' },
    argOptions: { description: 'Which order is canceled.' },
    input: {
      orderId: t.input.globalID({ for: Order, description: 'Id of the order.' }),
      idempotencyKey: t.input.string({ description: IDEMPOTENCY_KEY, validate: keyText }),
    },
    resolve: (_root, { input: { orderId, idempotencyKey } }, { viewer, services }) =>
      services.orders.cancel(viewer, { orderId: orderId.id, idempotencyKey }),
  }),
}));
