import { builder } from '../../schema/builder.ts';
import { IDEMPOTENCY_KEY, keyText } from '../../schema/inputs.ts';
import { TimeInForceEnum } from '../../schema/trading/enums.ts';
import { Order } from '../../schema/trading/order.ts';
import { IdempotencyConflict } from '../../services/platform/errors.ts';
import { ReplacementUnsupported } from '../../services/trading/brokers/errors.ts';
import { OrderNotReplaceable } from '../../services/trading/errors.ts';
import { given } from '../given.ts';
import { ORDER_DENIALS } from './order-denials.ts';

builder.mutationField('replaceOrder', (t) =>
  t.fieldWithInput({
    type: Order,
    description:
      'Puts an order in the place of one that works, with other terms: at once, or not at all. The old ' +
      'one is REPLACED and keeps what was filled; the new one is for the rest, with an id of its own. ' +
      'A refusal leaves the old one as it was, and stores no order. What is left out stays as it is. At a ' +
      'broker the new one is sent to take the place of the old one, which works until the broker says that ' +
      'it is over: look at both. What the broker refuses is REJECTED, and the old one goes on. When the old ' +
      'one fills further meanwhile, the new one is canceled (`FILLED_WHILE_REPLACED`), so that never more ' +
      'is traded than was asked for.',
    errors: {
      types: [...ORDER_DENIALS, IdempotencyConflict, OrderNotReplaceable, ReplacementUnsupported],
      result: { description: 'The order was replaced.' },
      union: { description: 'The order was replaced, or why it was not.' },
      dataField: { name: 'order', description: 'The new order as it is now.' },
    },
    typeOptions: {
      description:
        'What is to be otherwise. Example: `{ orderId: "…", limitPrice: "99.50", clientOrderId: "…" }`.',
    },
    argOptions: { description: 'What is to be otherwise.' },
    input: {
      orderId: t.input.globalID({ for: Order, description: 'Id of the order.' }),
      quantity: t.input.field({
        type: 'Decimal',
        required: false,
        description:
          'The new total: what is filled already is part of it. Not of an order in a group.',
      }),
      limitPrice: t.input.field({
        type: 'Decimal',
        required: false,
        description: 'The new worst price; of LIMIT and STOP_LIMIT.',
      }),
      stopPrice: t.input.field({
        type: 'Decimal',
        required: false,
        description: 'The new price that sets it off; of STOP and STOP_LIMIT.',
      }),
      trailAmount: t.input.field({
        type: 'Decimal',
        required: false,
        description:
          'The new distance of a TRAILING_STOP, from the best price that was seen since it began.',
      }),
      trailPercent: t.input.field({
        type: 'Decimal',
        required: false,
        description: 'The same in percent.',
      }),
      timeInForce: t.input.field({
        type: TimeInForceEnum,
        required: false,
        description: 'How long the new order stands. It ends when the old one would if left out.',
      }),
      expiresAt: t.input.field({
        type: 'DateTime',
        required: false,
        description: 'When it ends; of GTD.',
      }),
      clientOrderId: t.input.string({
        description: `${IDEMPOTENCY_KEY} It becomes that of the new order.`,
        validate: keyText,
      }),
    },
    resolve: (_root, { input: { orderId, ...change } }, { viewer, services }) =>
      services.orders.replace(viewer, { ...given(change), orderId: orderId.id }),
  }),
);
