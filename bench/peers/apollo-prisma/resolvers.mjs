import DataLoader from 'dataloader';
import { GraphQLScalarType } from 'graphql';
import { fromGlobalId, globalId, idOf, rankEntries } from '../peer.mjs';

const ACCOUNT_OF_VIEWER = [{ createdAt: 'desc' }, { id: 'desc' }];

export const resolvers = {
  DateTime: new GraphQLScalarType({
    name: 'DateTime',
    serialize: (time) => time.toISOString(),
    parseValue: (text) => new Date(text),
  }),
  Decimal: new GraphQLScalarType({ name: 'Decimal', serialize: (amount) => amount.toFixed() }),
  Query: {
    viewer: (_root, _args, { userId, db }) =>
      db.user.findUniqueOrThrow({ where: { id: userId }, omit: { passwordHash: true } }),
    orders: async (_root, { first }, { userId, db }) => ({
      nodes: await db.order.findMany({
        where: { ownerId: userId },
        orderBy: ACCOUNT_OF_VIEWER,
        take: first,
        include: { instrument: true },
      }),
    }),
    leaderboard: async (_root, _args, { db }) => {
      const rows = await db.$queryRaw`
        SELECT model_id AS "modelId", model_name AS "modelName", equity, starting_cash AS "startingEquity",
          round(equity / base - 1, 18) AS return, cardinality(equities) AS "sampleSize"
        FROM leaderboard_equity(now(), NULL)`;
      return { entries: rankEntries(rows) };
    },
    equityCurve: async (_root, { accountId, from, to }, { userId, db }) => {
      const { id } = fromGlobalId(accountId);
      const account = await db.account.findFirst({ where: { id, ownerId: userId } });
      if (!account) return null;
      const points = await db.equityPoint.findMany({
        where: { accountId: id, at: { gte: from, lte: to } },
        orderBy: { at: 'asc' },
      });
      return { currency: account.currency, pointCount: points.length, points };
    },
    node: async (_root, { id: given }, { userId, db }) => {
      const { type, id } = fromGlobalId(given);
      const include = { instrument: true };
      return type === 'Order'
        ? db.order.findFirst({ where: { id, ownerId: userId }, include })
        : null;
    },
  },
  Node: { __resolveType: () => 'Order' },
  Viewer: {
    user: (user) => user,
    accounts: async ({ id }, { first }, { db }) => ({
      nodes: await db.account.findMany({
        where: { ownerId: id },
        orderBy: ACCOUNT_OF_VIEWER,
        take: first,
      }),
    }),
  },
  User: { id: idOf('User') },
  Account: {
    id: idOf('Account'),
    positions: async ({ id, ownerId }, { first }, { db }) => ({
      nodes: await db.position.findMany({
        where: { accountId: id, ownerId, closedAt: null },
        orderBy: [{ openedAt: 'desc' }, { id: 'desc' }],
        take: first,
        include: { instrument: true },
      }),
    }),
  },
  Position: {
    id: idOf('Position'),
    averagePrice: ({ quantity, totalCost }) => (quantity.isZero() ? null : totalCost.div(quantity)),
  },
  Instrument: { id: idOf('Instrument') },
  Order: {
    id: idOf('Order'),
    averageFillPrice: ({ filledQuantity, filledNotional }) =>
      filledQuantity.isZero() ? null : filledNotional.div(filledQuantity),
    trades: async ({ id }, { first }, context) => ({
      nodes: (await loaderOf(context, 'trades', tradesOf(context)).load(id)).slice(0, first),
    }),
  },
  Trade: { id: idOf('Trade') },
  Leaderboard: { entries: ({ entries }, { first }) => ({ nodes: entries.slice(0, first) }) },
  LeaderboardEntry: {
    model: ({ modelId }, _args, context) =>
      loaderOf(context, 'model', modelsOf(context)).load(modelId),
  },
  Model: {
    id: ({ id }) => globalId('Model', id),
    owner: ({ ownerId }, _args, context) =>
      loaderOf(context, 'user', usersOf(context)).load(ownerId),
  },
  EquityPoint: {
    unrealizedPnl: ({ equity, cash, cost }) => equity.minus(cash).minus(cost),
  },
};

/** One of each kind for a request. */
function loaderOf({ loaders }, name, batch) {
  const loader = loaders.get(name) ?? new DataLoader(batch);
  loaders.set(name, loader);
  return loader;
}

const tradesOf =
  ({ db, userId }) =>
  async (ids) => {
    const trades = await db.trade.findMany({
      where: { orderId: { in: [...ids] }, ownerId: userId },
      orderBy: [{ executedAt: 'desc' }, { id: 'desc' }],
    });
    const byOrder = Map.groupBy(trades, ({ orderId }) => orderId);
    return ids.map((id) => byOrder.get(id) ?? []);
  };

const byId = (rows, ids) => {
  const known = new Map(rows.map((row) => [row.id, row]));
  return ids.map((id) => known.get(id) ?? null);
};

const modelsOf =
  ({ db }) =>
  async (ids) =>
    byId(await db.tradingModel.findMany({ where: { id: { in: [...ids] } } }), ids);

const usersOf =
  ({ db }) =>
  async (ids) => {
    const where = { id: { in: [...ids] } };
    return byId(await db.user.findMany({ where, select: { id: true, username: true } }), ids);
  };
