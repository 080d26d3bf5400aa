import { builder } from '../../schema/builder.ts';
import { IDEMPOTENCY_KEY, keyText } from '../../schema/inputs.ts';
import { Account } from '../../schema/portfolio/account.ts';
import { Order } from '../../schema/trading/order.ts';
import { IdempotencyConflict } from '../../services/platform/errors.ts';
import { given } from '../given.ts';
import { ORDER_DENIALS } from './order-denials.ts';
import { NothingHeld, OrdersAtBroker } from '../../services/trading/errors.ts';

const AT_ONCE_MAX = 100;

builder.mutationFields((t) => ({
  closePosition: t.fieldWithInput({
    type: Order,
    description:
      'Closes a position, or a part of it, with a market order: sells what is held, buys back what is ' +
      'short. Open orders of the instrument are canceled with it, so that nothing is closed twice; when the ' +
      'order is refused they stand. An open order at a broker has to be canceled before: it may be filled ' +
      'until the broker says that it is not.',
    errors: {
      types: [...ORDER_DENIALS, IdempotencyConflict, NothingHeld, OrdersAtBroker],
      result: { description: 'The order that closes it was taken.' },
      union: { description: 'The order that closes it was taken, or why it was not.' },
      dataField: { name: 'order', description: 'The order as it is now.' },
    },
    typeOptions: { description: 'Which position, and how much of it.' },
    argOptions: { description: 'Which position, and how much of it.' },
    input: {
      accountId: t.input.globalID({ for: Account, description: 'The account that holds it.' }),
      symbol: t.input.string({ description: 'What is held.' }),
      quantity: t.input.field({
        type: 'Decimal',
        required: false,
        description: 'How much; all when this and `percent` are left out.',
      }),
      percent: t.input.field({
        type: 'Decimal',
        required: false,
        description: 'How much, above 0 to 100, rounded down to the lot. Example: "50".',
      }),
      clientOrderId: t.input.string({
        description: `${IDEMPOTENCY_KEY} It is unique in the account.`,
        validate: keyText,
      }),
    },
    resolve: (_root, { input: { accountId, ...command } }, { viewer, services }) =>
      services.orders.closePosition(viewer, { ...given(command), accountId: accountId.id }),
  }),
}));

builder.mutationFields((t) => ({
  closeAllPositions: t.fieldWithInput({
    type: [Order],
    nullable: { list: false, items: true },
    description:
      `Closes all positions of an account with market orders, the oldest ${AT_ONCE_MAX} at once, and ` +
      'answers for each. A refusal of one ends none of the others, and leaves its open orders as they are. ' +
      'Empty when nothing is held. The same key gets the first answers again.',
    complexity: { field: 1, multiplier: AT_ONCE_MAX },
    itemErrors: {
      types: [...ORDER_DENIALS, OrdersAtBroker],
      result: {
        name: 'CloseAllPositionsSuccess',
        description: 'The order that closes a position was taken.',
      },
      union: {
        name: 'CloseAllPositionsResult',
        description: 'The order that closes a position was taken, or why it was not.',
      },
      dataField: { name: 'order', description: 'The order as it is now.' },
    },
    typeOptions: { description: 'Of which account.' },
    argOptions: { description: 'Of which account.' },
    input: {
      accountId: t.input.globalID({ for: Account, description: 'The account.' }),
      cancelOrders: t.input.boolean({
        required: false,
        defaultValue: true,
        description:
          'Whether all its open orders are canceled with it. What they close already is refused if not.',
      }),
      idempotencyKey: t.input.string({ description: IDEMPOTENCY_KEY, validate: keyText }),
    },
    resolve: (_root, { input }, { viewer, services }) =>
      services.orders.closeAllPositions(viewer, {
        accountId: input.accountId.id,
        isCanceling: input.cancelOrders ?? true,
        idempotencyKey: input.idempotencyKey,
      }) as never,
  }),
}));
