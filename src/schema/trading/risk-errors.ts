import {
  DailyLossReached,
  HaltedByAdministrator,
  InstrumentPriceTooHigh,
  OrderValueTooHigh,
  PositionTooLarge,
  SymbolNotAllowed,
  TooManyOrders,
  TradingHalted,
} from '../../services/trading/risk/errors.ts';
import { builder } from '../builder.ts';
import { ErrorInterface } from '../errors.ts';
import { OrderDeniedInterface } from './errors.ts';
import { RiskScopeEnum } from './risk.ts';

const interfaces = [ErrorInterface, OrderDeniedInterface];
const MAXIMUM = 'The most that the limits allow.';

builder.objectType(TradingHalted, {
  name: 'TradingHaltedError',
  description:
    'A kill switch is on: no order is taken, not even one that closes a position. Orders can be canceled.',
  interfaces,
  fields: (t) => ({
    scope: t.expose('scope', { type: RiskScopeEnum, description: 'For whom it holds.' }),
    isByAdministrator: t.exposeBoolean('isByAdministrator', {
      description:
        'Whether an administrator turned it on; else its owner did, and can turn it off.',
    }),
    haltReason: t.exposeString('haltReason', {
      nullable: true,
      description: 'Why, in the words of who turned it on. Null when they gave none.',
    }),
    since: t.expose('since', { type: 'DateTime', description: 'When it was turned on.' }),
  }),
});

builder.objectType(SymbolNotAllowed, {
  name: 'SymbolNotAllowedError',
  description: 'The limits do not let a position in the instrument be opened.',
  interfaces,
  fields: (t) => ({ symbol: t.exposeString('symbol', { description: 'Of the instrument.' }) }),
});

builder.objectType(InstrumentPriceTooHigh, {
  name: 'InstrumentPriceTooHighError',
  description: 'One of the instrument costs more than the limits allow.',
  interfaces,
  fields: (t) => ({
    price: t.expose('price', { type: 'Decimal', description: 'What one costs now.' }),
    maximum: t.expose('maximum', { type: 'Decimal', description: MAXIMUM }),
  }),
});

builder.objectType(OrderValueTooHigh, {
  name: 'OrderValueTooHighError',
  description: 'The order is worth more than the limits allow.',
  interfaces,
  fields: (t) => ({
    value: t.expose('value', { type: 'Decimal', description: 'What it is worth.' }),
    maximum: t.expose('maximum', { type: 'Decimal', description: MAXIMUM }),
  }),
});

builder.objectType(PositionTooLarge, {
  name: 'PositionTooLargeError',
  description: 'With the order, the position would be too large a share of the equity.',
  interfaces,
  fields: (t) => ({
    value: t.expose('value', {
      type: 'Decimal',
      description: 'What the position would be worth, with all open orders of the same side.',
    }),
    maximum: t.expose('maximum', { type: 'Decimal', description: MAXIMUM }),
    maximumShare: t.expose('maximumShare', {
      type: 'Decimal',
      description: 'The share of the equity that it is.',
    }),
  }),
});

builder.objectType(DailyLossReached, {
  name: 'DailyLossReachedError',
  description:
    'The account lost as much today as it may. Only orders that make a position smaller are taken.',
  interfaces,
  fields: (t) => ({
    loss: t.expose('loss', { type: 'Decimal', description: 'Lost since the trading day began.' }),
    maximum: t.expose('maximum', { type: 'Decimal', description: MAXIMUM }),
  }),
});

builder.objectType(TooManyOrders, {
  name: 'TooManyOrdersError',
  description: 'There were as many orders within a minute as there may be.',
  interfaces,
  fields: (t) => ({
    maximum: t.exposeInt('maximum', { description: 'The most in a minute.' }),
    retryAfterSeconds: t.exposeInt('retryAfterSeconds', {
      description: 'When the next one is taken, if none is placed until then.',
    }),
  }),
});

builder.objectType(HaltedByAdministrator, {
  name: 'HaltedByAdministratorError',
  description:
    'There is nothing of yours to turn off: an administrator halted trading, and only administrators let ' +
    'it go on.',
  interfaces: [ErrorInterface],
  fields: (t) => ({
    haltReason: t.exposeString('haltReason', {
      nullable: true,
      description: 'Why, in their words. Null when they gave none.',
    }),
    since: t.expose('since', { type: 'DateTime', description: 'When they did.' }),
  }),
});
