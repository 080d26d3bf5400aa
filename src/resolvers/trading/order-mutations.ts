import { builder } from '../../schema/builder.ts';
import { IDEMPOTENCY_KEY, keyText } from '../../schema/inputs.ts';
import { Account } from '../../schema/portfolio/account.ts';
import { OrderSideEnum } from '../../schema/trading/enums.ts';
import { Order } from '../../schema/trading/order.ts';
import { IdempotencyConflict } from '../../services/platform/errors.ts';
import {
  AccountNotActive,
  CurrencyMismatch,
  InstrumentNotTradable,
  InsufficientFunds,
  InsufficientPosition,
  InvalidQuantity,
  NoQuote,
  OrderNotCancelable,
} from '../../services/trading/errors.ts';

builder.mutationFields((t) => ({
  placeOrder: t.fieldWithInput({
    type: Order,
    description:
      'Places a market order. It may be filled already when this answers; subscribe to ' +
      '`tradeExecuted` for what follows.',
    errors: {
      types: [
        AccountNotActive,
        CurrencyMismatch,
        IdempotencyConflict,
        InstrumentNotTradable,
        InsufficientFunds,
        InsufficientPosition,
        InvalidQuantity,
        NoQuote,
      ],
      result: { description: 'The order was taken.' },
      union: { description: 'The order was taken, or why it was not.' },
      dataField: { name: 'order', description: 'The order as it is now.' },
    },
    typeOptions: {
      description:
        'The order. Example: `{ accountId: "…", symbol: "ACME.SIM", side: BUY, quantity: "10", ' +
        'clientOrderId: "…" }`.',
    },
    argOptions: { description: 'The order.' },
    input: {
      accountId: t.input.globalID({ for: Account, description: 'The account that it is for.' }),
      symbol: t.input.string({ description: 'What to buy or sell.' }),
      side: t.input.field({ type: OrderSideEnum, description: 'Buy or sell.' }),
      quantity: t.input.field({
        type: 'Decimal',
        description: 'How much: a positive multiple of the lot of the instrument.',
      }),
      clientOrderId: t.input.string({
        description: `${IDEMPOTENCY_KEY} It is unique in the account.`,
        validate: keyText,
      }),
    },
    resolve: (_root, { input: { accountId, ...order } }, { viewer, services }) =>
      services.orders.place(viewer, { ...order, accountId: accountId.id }),
  }),
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
