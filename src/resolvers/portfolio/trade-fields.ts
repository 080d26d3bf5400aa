import { builder } from '../../schema/builder.ts';
import { Instrument } from '../../schema/market/instrument.ts';
import { Account } from '../../schema/portfolio/account.ts';
import { Trade } from '../../schema/portfolio/trade.ts';
import { Order } from '../../schema/trading/order.ts';
import { reading } from '../../schema/reading.ts';
import type { Trade as TradeRow } from '../../services/platform/prisma/client.ts';
import { present, presentSoon } from '../present.ts';

builder.objectFields(Trade, (t) => ({
  realizedNet: t.field({
    type: 'Decimal',
    description: 'Profit that it booked, after the fee.',
    ...reading<TradeRow>('realizedGross', 'fee'),
    resolve: (trade, _args, { services }) => services.valuation.realizedNet(trade),
  }),
  account: t.field({
    type: Account,
    description: 'The account that it was made for.',
    ...reading<TradeRow>('accountId'),
    resolve: async ({ accountId }, _args, { load }) =>
      present(await load.byId('account', accountId)),
  }),
  instrument: t.field({
    type: Instrument,
    description: 'What was traded.',
    ...reading<TradeRow>('instrumentId'),
    resolve: ({ instrumentId }, _args, { load }) => presentSoon(load.instrument(instrumentId)),
  }),
  order: t.field({
    type: Order,
    nullable: true,
    description: 'The order that it filled. Null for an imported trade.',
    ...reading<TradeRow>('orderId'),
    resolve: ({ orderId }, _args, { load }) =>
      orderId === null ? null : load.byId('order', orderId),
  }),
}));
