import { z } from 'zod';
import { builder } from '../../schema/builder.ts';
import { Account } from '../../schema/portfolio/account.ts';
import { OrderRequestInput } from '../../schema/trading/order-request.ts';
import { Order } from '../../schema/trading/order.ts';
import { IdempotencyConflict } from '../../services/platform/errors.ts';
import { given } from '../given.ts';
import { ORDER_DENIALS } from './order-denials.ts';

const ORDERS_MAX = 50;

builder.mutationField('placeOrders', (t) =>
  t.fieldWithInput({
    type: [Order],
    nullable: { list: false, items: true },
    description:
      `Places 1 to ${ORDERS_MAX} orders one after the other, and answers for each in their order. Not ` +
      'atomic: a refusal of one ends none of the others. Each has its own `clientOrderId`: to be sure ' +
      'after a broken connection, send the whole list again. An answer is null, with an error at its ' +
      'place, for an order that could not be judged, such as one of an unknown symbol; where one of ' +
      'them is no order at all, none is placed.',
    // Each costs what `placeOrder` costs.
    complexity: ({ input: { orders } }) => {
      const count = Math.min(Math.max(orders.length, 1), ORDERS_MAX);
      return { field: count, multiplier: count };
    },
    itemErrors: {
      types: [...ORDER_DENIALS, IdempotencyConflict],
      result: { name: 'PlaceOrdersSuccess', description: 'The order was taken.' },
      union: {
        name: 'PlaceOrdersResult',
        description: 'The order was taken, or why it was not.',
      },
      dataField: { name: 'order', description: 'The order as it is now.' },
    },
    typeOptions: { description: 'The orders, all of one account.' },
    argOptions: { description: 'The orders.' },
    input: {
      accountId: t.input.globalID({ for: Account, description: 'The account that they are for.' }),
      orders: t.input.field({
        type: [OrderRequestInput],
        description: `1 to ${ORDERS_MAX} orders.`,
        validate: z.array(z.any()).min(1).max(ORDERS_MAX),
      }),
    },
    resolve: (_root, { input: { accountId, orders } }, { viewer, services }) =>
      services.orderBatches.placeAll(viewer, {
        accountId: accountId.id,
        orders: orders.map((order) => given(order)),
      }) as never,
  }),
);
