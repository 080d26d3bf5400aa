import { builder } from '../../schema/builder.ts';
import { Instrument } from '../../schema/market/instrument.ts';
import { Account } from '../../schema/portfolio/account.ts';
import { Trade } from '../../schema/portfolio/trade.ts';
import { Order } from '../../schema/trading/order.ts';
import { present } from '../present.ts';

builder.objectFields(Trade, (t) => ({
  realizedNet: t.field({
    type: 'Decimal',
    description: 'Profit that it booked, after the fee.',
    resolve: (trade, _args, { services }) => services.valuation.realizedNet(trade),
  }),
  account: t.field({
    type: Account,
    description: 'The account that it was made for.',
    resolve: async ({ accountId }, _args, { load }) =>
      present(await load.byId('account', accountId)),
  }),
  instrument: t.field({
    type: Instrument,
    description: 'What was traded.',
    resolve: async ({ instrumentId }, _args, { load }) =>
      present(await load.instrument(instrumentId)),
  }),
  order: t.field({
    type: Order,
    nullable: true,
    description: 'The order that it filled. Null for an imported trade.',
    resolve: ({ orderId }, _args, { load }) =>
      orderId === null ? null : load.byId('order', orderId),
  }),
}));
