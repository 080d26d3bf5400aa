import { builder } from '../../schema/builder.ts';
import { pageCost } from '../../schema/connections.ts';
import { Account } from '../../schema/portfolio/account.ts';
import {
  Position,
  PositionConnection,
  PositionStatusEnum,
} from '../../schema/portfolio/position.ts';
import { Trade, TradeConnection } from '../../schema/portfolio/trade.ts';
import { OrderStatusEnum } from '../../schema/trading/enums.ts';
import { Order, OrderConnection } from '../../schema/trading/order.ts';
import { nestedPage } from '../pages.ts';
import { heldOrNot } from './held-or-not.ts';

builder.objectFields(Account, (t) => ({
  trades: t.connection(
    {
      type: Trade,
      description: 'Its trades, latest first.',
      complexity: (args) => pageCost(args),
      resolve: ({ id }, args, context) =>
        nestedPage(context, 'tradesOfAccount', {
          parentId: id,
          args,
          timeField: 'executedAt',
          fields: context.fieldsRead?.Trade,
        }),
    },
    TradeConnection,
  ),
  orders: t.connection(
    {
      type: Order,
      description: 'Its orders, newest first.',
      args: {
        status: t.arg({
          type: [OrderStatusEnum],
          required: false,
          description: 'Only orders that stand there. All when it is left out.',
        }),
      },
      complexity: (args) => pageCost(args),
      resolve: ({ id }, { status, ...args }, context) =>
        nestedPage(context, 'ordersOfAccount', {
          parentId: id,
          args,
          timeField: 'createdAt',
          fields: context.fieldsRead?.Order,
          conditions: status ? [{ field: 'status', anyOf: status }] : [],
        }),
    },
    OrderConnection,
  ),
  positions: t.connection(
    {
      type: Position,
      description:
        'Its positions, the latest opened first: those that are held, unless `status` asks for others.',
      args: {
        status: t.arg({
          type: PositionStatusEnum,
          required: false,
          defaultValue: 'OPEN',
          description: 'Which ones.',
        }),
      },
      complexity: (args) => pageCost(args),
      resolve: ({ id }, { status, ...args }, context) => {
        const wanted = heldOrNot(status);
        return nestedPage(context, 'positionsOfAccount', {
          parentId: id,
          args,
          timeField: 'openedAt',
          conditions: wanted ? [{ field: 'closedAt', isNull: wanted === 'OPEN' }] : [],
        });
      },
    },
    PositionConnection,
  ),
}));
