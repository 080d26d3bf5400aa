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
  type OrderDenied,
} from '../../services/trading/errors.ts';
import { builder } from '../builder.ts';
import { ErrorInterface } from '../errors.ts';
import { AccountStatusEnum } from '../portfolio/account.ts';
import { OrderStatusEnum } from './enums.ts';
import { Order } from './order.ts';

/** What every refusal of the gate says: it leaves a stored order behind. */
export const OrderDeniedInterface = builder.interfaceRef<OrderDenied>('OrderDeniedError');
OrderDeniedInterface.implement({
  description:
    'Our own checks refused an order. It is kept as DENIED, and the same `clientOrderId` gets the ' +
    'same answer again.',
  interfaces: [ErrorInterface],
  // The class `InsufficientFunds` is `InsufficientFundsError` in the graph.
  resolveType: ({ name }) => `${name}Error`,
  fields: (t) => ({
    orderId: t.globalID({
      nullable: true,
      description: 'Id of the denied order. Null when it could not even be stored.',
      resolve: ({ orderId }) => (orderId === null ? null : { type: Order, id: orderId }),
    }),
  }),
});
const interfaces = [ErrorInterface, OrderDeniedInterface];

builder.objectType(InsufficientFunds, {
  name: 'InsufficientFundsError',
  description:
    'The account has too little buying power. A market buy must cover 105% of the quote and the ' +
    'fee, since the price may move before it fills. Example: an order for 8,000 with 10,000 cash ' +
    'of which 3,000 are reserved.',
  interfaces,
  fields: (t) => ({
    required: t.expose('required', { type: 'Decimal', description: 'Cash that it needs.' }),
    available: t.expose('available', { type: 'Decimal', description: 'Cash that is free.' }),
  }),
});

builder.objectType(InsufficientPosition, {
  name: 'InsufficientPositionError',
  description: 'The account holds less than is to be sold, open sell orders taken off.',
  interfaces,
  fields: (t) => ({
    required: t.expose('required', { type: 'Decimal', description: 'Quantity to be sold.' }),
    available: t.expose('available', { type: 'Decimal', description: 'Quantity that can be.' }),
  }),
});

builder.objectType(InstrumentNotTradable, {
  name: 'InstrumentNotTradableError',
  description: 'Orders for the instrument are not taken.',
  interfaces,
  fields: (t) => ({
    symbol: t.exposeString('symbol', { description: 'Of the instrument.' }),
  }),
});

builder.objectType(InvalidQuantity, {
  name: 'InvalidQuantityError',
  description: 'The quantity is not positive, too large, or not on the lot of the instrument.',
  interfaces,
  fields: (t) => ({
    lotSize: t.expose('lotSize', {
      type: 'Decimal',
      nullable: true,
      description: 'It must be a multiple of this. Null when it is out of range for anything.',
    }),
  }),
});

builder.objectType(InvalidPrice, {
  name: 'InvalidPriceError',
  description: 'A price of the order is not on the tick of the instrument.',
  interfaces,
  fields: (t) => ({
    field: t.exposeString('field', { description: '`limitPrice` or `stopPrice`.' }),
    tickSize: t.expose('tickSize', {
      type: 'Decimal',
      description: 'It must be a multiple of this.',
    }),
  }),
});

builder.objectType(PriceOutOfRange, {
  name: 'PriceOutOfRangeError',
  description:
    'The limit is more than 20% worse than the market, or than its own stop price: surely a mistake.',
  interfaces,
  fields: (t) => ({
    price: t.expose('price', { type: 'Decimal', description: 'The limit that was asked for.' }),
    worst: t.expose('worst', { type: 'Decimal', description: 'The worst that is taken now.' }),
  }),
});

builder.objectType(CurrencyMismatch, {
  name: 'CurrencyMismatchError',
  description: 'An account trades only instruments in its own currency.',
  interfaces,
  fields: (t) => ({
    accountCurrency: t.exposeString('accountCurrency', { description: 'Of the account.' }),
    instrumentCurrency: t.exposeString('instrumentCurrency', {
      description: 'Of the instrument.',
    }),
  }),
});

builder.objectType(AccountNotActive, {
  name: 'AccountNotActiveError',
  description: 'The account may not trade.',
  interfaces,
  fields: (t) => ({
    status: t.expose('status', { type: AccountStatusEnum, description: 'Where it stands.' }),
  }),
});

builder.objectType(NoQuote, {
  name: 'NoQuoteError',
  description: 'There is no price that is fresh enough to judge the order by. Try again.',
  interfaces,
  fields: (t) => ({
    symbol: t.exposeString('symbol', { description: 'Of the instrument.' }),
  }),
});

builder.objectType(OrderNotCancelable, {
  name: 'OrderNotCancelableError',
  description: 'The order is not working any more.',
  interfaces: [ErrorInterface],
  fields: (t) => ({
    orderId: t.globalID({
      description: 'Id of the order.',
      resolve: ({ orderId }) => ({ type: Order, id: orderId }),
    }),
    status: t.expose('status', { type: OrderStatusEnum, description: 'Where it stands.' }),
  }),
});
