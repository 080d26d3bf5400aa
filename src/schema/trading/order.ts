import { builder } from '../builder.ts';
import { connectionOf } from '../list.ts';
import { OrderSideEnum, OrderStatusEnum, OrderTypeEnum, TimeInForceEnum } from './enums.ts';

export const Order = builder.prismaNode('Order', {
  nullable: true,
  description: 'The wish to buy or sell a quantity of an instrument for an account.',
  id: { field: 'id' },
  fields: (t) => ({
    clientOrderId: t.exposeString('clientOrderId', {
      description: 'Chosen by who placed it, and unique in the account.',
    }),
    side: t.expose('side', { type: OrderSideEnum, description: 'Buy or sell.' }),
    type: t.expose('type', { type: OrderTypeEnum, description: 'At which price it fills.' }),
    timeInForce: t.expose('timeInForce', {
      type: TimeInForceEnum,
      description: 'How long it stands.',
    }),
    quantity: t.expose('quantity', { type: 'Decimal', description: 'How much; positive.' }),
    limitPrice: t.expose('limitPrice', {
      type: 'Decimal',
      nullable: true,
      description: 'The worst price that it may fill at. Null unless it is LIMIT or STOP_LIMIT.',
    }),
    stopPrice: t.expose('stopPrice', {
      type: 'Decimal',
      nullable: true,
      description:
        'The price that sets it off. Null unless it is STOP or STOP_LIMIT, or TRAILING_STOP once a ' +
        'price was seen: then it is where the stop stands now.',
    }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it ends by itself. Null unless it is good for the DAY or until a time.',
    }),
    status: t.expose('status', { type: OrderStatusEnum, description: 'Where it stands.' }),
    filledQuantity: t.expose('filledQuantity', {
      type: 'Decimal',
      description: 'How much of it is filled.',
    }),
    reserved: t.expose('reserved', {
      type: 'Decimal',
      description: 'Cash that it still holds back.',
    }),
    reasonCode: t.exposeString('reasonCode', {
      nullable: true,
      description:
        'Why it was refused, such as `INSUFFICIENT_FUNDS`, or ended by us, such as ' +
        '`CANCEL_ON_DISCONNECT`. Null for what needs no reason.',
    }),
    reason: t.exposeString('reason', {
      nullable: true,
      description: 'The same in words. Null with it.',
    }),
    runId: t.expose('runId', {
      type: 'UUID',
      nullable: true,
      description: "Run of the model that placed it. Null for a person's order.",
    }),
    version: t.exposeInt('version', { description: 'Rises with every change of it.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was placed.' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'When it last changed.' }),
  }),
});

export const OrderConnection = connectionOf(Order, { name: 'Order', entries: 'orders' });

export const OrderFilterInput = builder.inputType('OrderFilter', {
  description: 'What narrows a list of orders. All of it must hold.',
  fields: (t) => ({
    status: t.field({
      type: [OrderStatusEnum],
      required: false,
      description: 'Standing at one of these. All when it is left out.',
    }),
    symbol: t.string({ required: false, description: 'Of this instrument.' }),
    side: t.field({ type: OrderSideEnum, required: false, description: 'Buy or sell.' }),
    from: t.field({ type: 'DateTime', required: false, description: 'Placed then or later.' }),
    to: t.field({ type: 'DateTime', required: false, description: 'Placed before.' }),
  }),
});
