import type {
  AccountValue,
  ValuedPosition as ValuedShape,
} from '../../services/portfolio/live-value.ts';
import { builder } from '../builder.ts';
import { Account } from './account.ts';
import { Position } from './position.ts';

const VALUE_AS_OF = 'When it was reckoned.';

export const EquityUpdate = builder.objectRef<AccountValue>('EquityUpdate').implement({
  description: 'What an account is worth at the newest prices.',
  fields: (t) => ({
    account: t.field({
      type: Account,
      description: 'The account as its newest event left it.',
      resolve: ({ account }) => account,
    }),
    asOf: t.expose('asOf', { type: 'DateTime', description: VALUE_AS_OF }),
    cash: t.field({
      type: 'Decimal',
      description: 'Cash, with what open orders hold back.',
      resolve: ({ account }) => account.cash,
    }),
    reserved: t.field({
      type: 'Decimal',
      description: 'Cash that open orders hold back.',
      resolve: ({ account }) => account.reserved,
    }),
    buyingPower: t.expose('buyingPower', {
      type: 'Decimal',
      description: 'What new orders may use.',
    }),
    marketValue: t.expose('marketValue', {
      type: 'Decimal',
      description: 'Sum of quantity × price of what is held; shorts count negative.',
    }),
    equity: t.expose('equity', { type: 'Decimal', description: 'Cash + market value.' }),
    unrealizedPnl: t.expose('unrealizedPnl', {
      type: 'Decimal',
      description: 'Market value less booked cost.',
    }),
    dayPnl: t.expose('dayPnl', {
      type: 'Decimal',
      nullable: true,
      description:
        'Change of equity since midnight in the zone of the account, without deposits and ' +
        'withdrawals. Null for a moment when the day turns.',
    }),
    isStale: t.exposeBoolean('isStale', {
      description: 'Whether a price in it is too old to fill an order at.',
    }),
  }),
});

const ValuedPosition = builder.objectRef<ValuedShape>('ValuedPosition').implement({
  description: 'An open position at its newest price.',
  fields: (t) => ({
    position: t.field({
      type: Position,
      description: 'The position as its newest event left it.',
      resolve: ({ position }) => position,
    }),
    symbol: t.exposeString('symbol', { description: 'Of the instrument.' }),
    price: t.field({
      type: 'Decimal',
      description: 'The newest price of one.',
      resolve: ({ mark }) => mark.price,
    }),
    pricedAt: t.field({
      type: 'DateTime',
      description: 'When that price was.',
      resolve: ({ mark }) => mark.time,
    }),
    isStale: t.boolean({
      description: 'Whether it is too old to fill an order at.',
      resolve: ({ mark }) => mark.isStale,
    }),
    marketValue: t.expose('marketValue', {
      type: 'Decimal',
      description: 'Quantity × price; negative when short.',
    }),
    unrealizedPnl: t.expose('unrealizedPnl', {
      type: 'Decimal',
      description: 'Market value less booked cost.',
    }),
    weight: t.expose('weight', {
      type: 'Decimal',
      nullable: true,
      description:
        "Its part of the account's equity, such as 0.25. Null when there is no equity above zero.",
    }),
  }),
});

export const PositionMarks = builder.objectRef<AccountValue>('PositionMarks').implement({
  description: 'All that an account holds, at the newest prices.',
  fields: (t) => ({
    asOf: t.expose('asOf', { type: 'DateTime', description: VALUE_AS_OF }),
    positions: t.field({
      type: [ValuedPosition],
      description: 'The open positions, the latest opened first.',
      resolve: ({ positions }) => [...positions],
    }),
  }),
});
