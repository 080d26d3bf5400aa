import { builder } from '../../schema/builder.ts';
import { pageCost } from '../../schema/connections.ts';
import { Instrument } from '../../schema/market/instrument.ts';
import { Account } from '../../schema/portfolio/account.ts';
import { Trade, TradeConnection } from '../../schema/portfolio/trade.ts';
import { Order } from '../../schema/trading/order.ts';
import { nestedPage } from '../pages.ts';
import { reading } from '../../schema/reading.ts';
import type { Order as OrderRow } from '../../services/platform/prisma/client.ts';
import { present, presentSoon } from '../present.ts';

builder.objectFields(Order, (t) => ({
  averageFillPrice: t.field({
    type: 'Decimal',
    nullable: true,
    description: 'Average price of what is filled. Null when nothing is.',
    ...reading<OrderRow>('filledQuantity', 'filledNotional'),
    resolve: (order, _args, { services }) => services.valuation.averageFillPrice(order),
  }),
  account: t.field({
    type: Account,
    description: 'The account that it is for.',
    ...reading<OrderRow>('accountId'),
    resolve: async ({ accountId }, _args, { load }) =>
      present(await load.byId('account', accountId)),
  }),
  instrument: t.field({
    type: Instrument,
    description: 'What is to be bought or sold.',
    ...reading<OrderRow>('instrumentId'),
    resolve: ({ instrumentId }, _args, { load }) => presentSoon(load.instrument(instrumentId)),
  }),
  group: t.field({
    type: [Order],
    description:
      'All orders of its group, itself among them: the entry, the take-profit and the stop-loss, without ' +
      'those that were replaced. Empty when it stands alone.',
    ...reading<OrderRow>('groupId'),
    resolve: async ({ groupId }, _args, { load }) =>
      groupId === null ? [] : [...(await load.orderGroup(groupId))],
  }),
  trades: t.connection(
    {
      type: Trade,
      description: 'Its fills, latest first.',
      complexity: (args) => pageCost(args),
      ...reading<OrderRow>('id'),
      resolve: ({ id }, args, context) =>
        nestedPage(context, 'tradesOfOrder', {
          parentId: id,
          args,
          timeField: 'executedAt',
          fields: context.fieldsRead?.Trade,
        }),
    },
    TradeConnection,
  ),
}));
