import {
  NotionalTooSmall,
  OrderNotReplaceable,
  PriceOnWrongSide,
} from '../../services/trading/errors.ts';
import { builder } from '../builder.ts';
import { ErrorInterface } from '../errors.ts';
import { OrderStatusEnum } from './enums.ts';
import { OrderDeniedInterface } from './errors.ts';
import { Order } from './order.ts';

const interfaces = [ErrorInterface, OrderDeniedInterface];

const Where = builder.enumType('PriceSide', {
  description: 'On which side of another price.',
  values: { ABOVE: { description: 'Above it.' }, BELOW: { description: 'Below it.' } },
});

builder.objectType(PriceOnWrongSide, {
  name: 'PriceOnWrongSideError',
  description:
    'A leg of the order would take a loss as a profit or the other way round, or the distance of a ' +
    'trailing stop is as much as the price itself.',
  interfaces,
  fields: (t) => ({
    field: t.exposeString('field', {
      description:
        '`takeProfit.limitPrice`, `stopLoss.stopPrice`, `trailAmount` or `trailPercent`.',
    }),
    price: t.expose('price', { type: 'Decimal', description: 'What was asked for.' }),
    where: t.expose('where', { type: Where, description: 'Where it must lie.' }),
    reference: t.expose('reference', { type: 'Decimal', description: 'Above or below this.' }),
  }),
});

builder.objectType(NotionalTooSmall, {
  name: 'NotionalTooSmallError',
  description: 'The notional does not pay for a single lot.',
  interfaces,
  fields: (t) => ({
    notional: t.expose('notional', { type: 'Decimal', description: 'What was asked for.' }),
    minimum: t.expose('minimum', { type: 'Decimal', description: 'One lot at the price of now.' }),
  }),
});

builder.objectType(OrderNotReplaceable, {
  name: 'OrderNotReplaceableError',
  description:
    'The order has ended, its stop has gone off, or as much as it was to be changed to is filled.',
  interfaces: [ErrorInterface],
  fields: (t) => ({
    // As in the refusals beside it: a client asks all of them for it at once.
    orderId: t.globalID({
      nullable: true,
      description: 'Id of the order. Never null.',
      resolve: ({ orderId }) => ({ type: Order, id: orderId }),
    }),
    status: t.expose('status', { type: OrderStatusEnum, description: 'Where it stands.' }),
    filledQuantity: t.expose('filledQuantity', {
      type: 'Decimal',
      description: 'How much of it is filled.',
    }),
  }),
});
