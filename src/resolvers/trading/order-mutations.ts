import { builder } from '../../schema/builder.ts';
import { IDEMPOTENCY_KEY, keyText } from '../../schema/inputs.ts';
import { Account } from '../../schema/portfolio/account.ts';
import {
  OrderClassEnum,
  OrderSideEnum,
  OrderTypeEnum,
  TimeInForceEnum,
} from '../../schema/trading/enums.ts';
import { StopLossInput, TakeProfitInput } from '../../schema/trading/order-legs.ts';
import { Order } from '../../schema/trading/order.ts';
import { given } from '../given.ts';
import { IdempotencyConflict } from '../../services/platform/errors.ts';
import { OrderNotCancelable } from '../../services/trading/errors.ts';
import { ORDER_DENIALS } from './order-denials.ts';

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
    trailAmount: t.input.field({
      type: 'Decimal',
      required: false,
      description:
        'How far the stop of a TRAILING_STOP follows the best price, on the tick of the instrument. ' +
        'Either this or `trailPercent`; others have none.',
    }),
    trailPercent: t.input.field({
      type: 'Decimal',
      required: false,
      description: 'The same in percent of that price: above 0 and below 100. Example: "2.5".',
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

/** The orders that come with it. */
const legsOf = (t: MutationFields) =>
  ({
    orderClass: t.input.field({
      type: OrderClassEnum,
      required: false,
      description:
        'SIMPLE if left out. BRACKET enters and leaves: it needs `takeProfit` and `stopLoss`, which wait ' +
        'until the order fills. OTO needs one of them. OCO is both of them for what is held already, on ' +
        'their own `side`, without `type` and prices of the order itself.',
    }),
    takeProfit: t.input.field({
      type: TakeProfitInput,
      required: false,
      description: 'Where the profit is taken. Of BRACKET, OCO and OTO.',
    }),
    stopLoss: t.input.field({
      type: StopLossInput,
      required: false,
      description: 'Where the loss is ended. Of BRACKET, OCO and OTO.',
    }),
  }) as const;

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
      symbol: t.input.string({ description: 'What to buy or sell.' }),
      side: t.input.field({ type: OrderSideEnum, description: 'Buy or sell.' }),
      quantity: t.input.field({
        type: 'Decimal',
        required: false,
        description:
          'How much: a positive multiple of the lot of the instrument. Either this or `notional`.',
      }),
      notional: t.input.field({
        type: 'Decimal',
        required: false,
        description:
          'Of MARKET with DAY, GTC or IOC: what to spend or to get, fees apart. The quantity is reckoned ' +
          'from the quote, rounded down to the lot.',
      }),
      ...termsOf(t),
      ...legsOf(t),
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
