import { builder } from '../builder.ts';
import { OrderClassEnum, OrderLegEnum } from './enums.ts';
import { Order } from './order.ts';

// What an order has that trails the price, stands in a group, or is at a broker.
builder.prismaObjectFields(Order, (t) => ({
  trailAmount: t.expose('trailAmount', {
    type: 'Decimal',
    nullable: true,
    description:
      'Distance of the stop in money. Null unless it is a TRAILING_STOP that was given one.',
  }),
  trailPercent: t.expose('trailPercent', {
    type: 'Decimal',
    nullable: true,
    description:
      'Distance of the stop in percent. Null unless it is a TRAILING_STOP that was given one.',
  }),
  notional: t.expose('notional', {
    type: 'Decimal',
    nullable: true,
    description:
      'Money that it was to spend or bring in, of which its quantity was reckoned. Null for an ' +
      'order that was placed with a quantity.',
  }),
  orderClass: t.expose('orderClass', {
    type: OrderClassEnum,
    description: 'Whether it stands alone.',
  }),
  leg: t.expose('leg', {
    type: OrderLegEnum,
    nullable: true,
    description: 'Its part in its group. Null when it stands alone.',
  }),
  groupId: t.expose('groupId', {
    type: 'UUID',
    nullable: true,
    description: 'The same for all orders of its group. Null when it stands alone.',
  }),
  brokerOrderId: t.exposeString('brokerOrderId', {
    nullable: true,
    description: "The broker's id of it. Null on paper, and until the broker has said.",
  }),
}));
