import { builder } from '../../schema/builder.ts';
import { IDEMPOTENCY_KEY, keyText } from '../../schema/inputs.ts';
import { Account } from '../../schema/portfolio/account.ts';
import { OrderSideEnum, OrderTypeEnum, TimeInForceEnum } from '../../schema/trading/enums.ts';
import { Order } from '../../schema/trading/order.ts';
import { given } from '../given.ts';
import { IdempotencyConflict } from '../../services/platform/errors.ts';
import {
  AccountNotActive,
  CurrencyMismatch,
  InstrumentNotTradable,
  InsufficientFunds,
  InsufficientPosition,
  InvalidPrice,
  InvalidQuantity,
  NoQuote,
  OrderNotCancelable,
  PriceOutOfRange,
} from '../../services/trading/errors.ts';

type MutationFields = Parameters<Parameters<typeof builder.mutationFields>[0]>[0];

/** At which price, and for how long. */
const termsOf = (t: MutationFields) =>
  ({
    type: t.input.field({
      type: OrderTypeEnum,
      required: false,
      description: 'At which price it fills; MARKET if left out.',
    }),
    limitPrice: t.input.field({
      type: 'Decimal',
      required: false,
      description:
        'The worst price, on the tick of the instrument. LIMIT and STOP_LIMIT need it; others have none.',
    }),
    stopPrice: t.input.field({
      type: 'Decimal',
      required: false,
      description:
        'The price that sets it off: the ask at or above it for a buy, the bid at or below it for a ' +
        'sell. STOP and STOP_LIMIT need it; others have none.',
    }),
    timeInForce: t.input.field({
      type: TimeInForceEnum,
      required: false,
      description: 'How long it stands; GTC if left out. An order with a stop is not IOC or FOK.',
    }),
    expiresAt: t.input.field({
      type: 'DateTime',
      required: false,
      description: 'When it ends, within a year. GTD needs it; others have none.',
    }),
  }) as const;

builder.mutationFields((t) => ({
  placeOrder: t.fieldWithInput({
    type: Order,
    description:
      'Places an order. It may be filled already when this answers; subscribe to `tradeExecuted` for ' +
      'what follows.',
    errors: {
      types: [
        AccountNotActive,
        CurrencyMismatch,
        IdempotencyConflict,
        InstrumentNotTradable,
        InsufficientFunds,
        InsufficientPosition,
        InvalidPrice,
        InvalidQuantity,
        NoQuote,
        PriceOutOfRange,
      ],
      result: { description: 'The order was taken.' },
      union: { description: 'The order was taken, or why it was not.' },
      dataField: { name: 'order', description: 'The order as it is now.' },
    },
    typeOptions: {
      description:
        'The order. Example: `{ accountId: "…", symbol: "ACME.SIM", side: BUY, quantity: "10", ' +
        'clientOrderId: "…" }`, or with `type: LIMIT, limitPrice: "101.50", timeInForce: DAY`.',
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
      ...termsOf(t),
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
