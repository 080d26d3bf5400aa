import { GraphQLScalarType } from 'graphql';
import { fromGlobalId, idOf, rankEntries } from '../peer.mjs';
import * as sql from './statements.mjs';

/** Without the zeros at the end that PostgreSQL writes. */
function decimal(text) {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}

/** `2025-02-01 15:00:00.25+00` as the graph writes it. */
function time(text) {
  const ms = text.charAt(19) === '.' ? text.slice(20, -3).padEnd(3, '0').slice(0, 3) : '000';
  return `${text.slice(0, 10)}T${text.slice(11, 19)}.${ms}Z`;
}

export const resolvers = {
  DateTime: new GraphQLScalarType({ name: 'DateTime', serialize: time }),
  Decimal: new GraphQLScalarType({ name: 'Decimal', serialize: decimal }),
  Query: {
    viewer: async (_root, _args, { read, userId }) => {
      const [user] = await read('viewer', sql.VIEWER, [userId]);
      return user;
    },
    orders: async (_root, { first }, { read, userId }) => ({
      nodes: await read('orders', sql.ORDERS, [userId, first]),
    }),
    leaderboard: async (_root, _args, { read }) => ({
      entries: rankEntries(await read('board', sql.BOARD, [])),
    }),
    equityCurve: async (_root, { accountId, from, to }, { read, userId }) => {
      const { id } = fromGlobalId(accountId);
      const [[account], points] = await Promise.all([
        read('account', sql.ACCOUNT, [id, userId]),
        read('points', sql.POINTS, [id, userId, from, to]),
      ]);
      return account ? { ...account, pointCount: points.length, points } : null;
    },
    node: async (_root, { id: given }, { read, userId }) => {
      const { type, id } = fromGlobalId(given);
      if (type !== 'Order') return null;
      const [order] = await read('order', sql.ORDER, [id, userId]);
      return order ?? null;
    },
  },
  Node: { resolveType: () => 'Order' },
  Viewer: {
    user: (user) => user,
    accounts: async ({ id }, { first }, { read }) => ({
      nodes: await read('accounts', sql.ACCOUNTS, [id, first]),
    }),
  },
  User: { id: idOf('User') },
  Account: { id: idOf('Account') },
  Position: { id: idOf('Position') },
  Instrument: { id: idOf('Instrument') },
  Order: { id: idOf('Order') },
  Trade: { id: idOf('Trade') },
  Leaderboard: { entries: ({ entries }, { first }) => ({ nodes: entries.slice(0, first) }) },
  LeaderboardEntry: { sampleSize: ({ sampleSize }) => Number(sampleSize) },
  Model: { id: idOf('Model') },
};

/** The rows of each of many parents. */
const grouped = (rows, queries, keyOf) => {
  const byParent = Map.groupBy(rows, keyOf);
  return queries.map(({ obj }) => ({ nodes: byParent.get(obj.id) ?? [] }));
};

/** One row for each, by its id. */
const found = (rows, ids) => {
  const byId = new Map(rows.map((row) => [row.id, row]));
  return ids.map((id) => byId.get(id) ?? null);
};

const instrument = async (queries, { read }) => {
  const ids = queries.map(({ obj }) => obj.instrumentId);
  return found(await read('instruments', sql.INSTRUMENTS, [[...new Set(ids)]]), ids);
};

export const loaders = {
  Account: {
    positions: async (queries, { read, userId }) => {
      const ids = queries.map(({ obj }) => obj.id);
      const first = Math.max(...queries.map(({ params }) => params.first));
      const rows = await read('positions', sql.POSITIONS, [ids, userId, first]);
      return grouped(rows, queries, ({ accountId }) => accountId);
    },
  },
  Position: { instrument },
  Order: {
    instrument,
    trades: async (queries, { read, userId }) => {
      const ids = queries.map(({ obj }) => obj.id);
      const first = Math.max(...queries.map(({ params }) => params.first));
      const rows = await read('trades', sql.TRADES, [ids, userId, first]);
      return grouped(rows, queries, ({ orderId }) => orderId);
    },
  },
  LeaderboardEntry: {
    model: async (queries, { read }) => {
      const ids = queries.map(({ obj }) => obj.modelId);
      return found(await read('models', sql.MODELS, [ids]), ids);
    },
  },
  Model: {
    owner: async (queries, { read }) => {
      const ids = queries.map(({ obj }) => obj.ownerId);
      return found(await read('users', sql.USERS, [[...new Set(ids)]]), ids);
    },
  },
};
