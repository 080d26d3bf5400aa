import { builder } from '../../schema/builder.ts';
import { pageCost } from '../../schema/connections.ts';
import { Instrument } from '../../schema/market/instrument.ts';
import { Account } from '../../schema/portfolio/account.ts';
import { Trade, TradeConnection } from '../../schema/portfolio/trade.ts';
import { Order } from '../../schema/trading/order.ts';
import { nestedPage } from '../pages.ts';
import { present } from '../present.ts';

builder.objectFields(Order, (t) => ({
  averageFillPrice: t.field({
    type: 'Decimal',
    nullable: true,
    description: 'Average price of what is filled. Null when nothing is.',
    resolve: (order, _args, { services }) => services.valuation.averageFillPrice(order),
  }),
  account: t.field({
    type: Account,
    description: 'The account that it is for.',
    resolve: async ({ accountId }, _args, { load }) =>
      present(await load.byId('account', accountId)),
  }),
  instrument: t.field({
    type: Instrument,
    description: 'What is to be bought or sold.',
    resolve: async ({ instrumentId }, _args, { load }) =>
      present(await load.instrument(instrumentId)),
  }),
  group: t.field({
    type: [Order],
    description:
      'All orders of its group, itself among them: the entry, the take-profit and the stop-loss, without ' +
      'those that were replaced. Empty when it stands alone.',
    resolve: async ({ groupId }, _args, { load }) =>
      groupId === null ? [] : [...(await load.orderGroup(groupId))],
  }),
  trades: t.connection(
    {
      type: Trade,
      description: 'Its fills, latest first.',
      complexity: (args) => pageCost(args),
      resolve: ({ id }, args, context) =>
        nestedPage(context, 'tradesOfOrder', { parentId: id, args, timeField: 'executedAt' }),
    },
    TradeConnection,
  ),
}));
