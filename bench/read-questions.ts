import { decodeGlobalId } from '../src/schema/global-ids.ts';
import { ORDERS, POSITIONS, READERS, type Reader } from './read-data.ts';
import { measureOf, type MeasureName } from './read-measures.ts';

/** How a system is asked for a measure, and how its answer says the same as ours. */
export interface Question {
  readonly query: string;
  readonly variablesOf?: ((reader: Reader) => Readonly<Record<string, unknown>>) | undefined;
  /** Of its data, to compare; as it is when left out. */
  readonly normalized?: (data: never) => unknown;
  /** Of ours, where ids have another form. */
  readonly expected?: (data: unknown) => unknown;
}

export type Questions = Partial<Record<MeasureName, Question>>;

const PEERS_ANSWER: readonly MeasureName[] = [
  ...(['trivial', 'viewer', 'orders', 'leaderboard', 'curve', 'node'] as const),
];

/** Of a peer that answers the same documents. */
export const SAME_QUESTIONS: Questions = Object.fromEntries(
  PEERS_ANSWER.map((name) => [name, measureOf(name)]),
);

const NEWEST = 'orderBy: [CREATED_AT_DESC, ROW_ID_DESC]';
const ORDER = `id: rowId side type status quantity filledQuantity averageFillPrice createdAt
  instrument: instrumentByInstrumentId { symbol }`;

interface Nodes {
  readonly nodes: readonly object[];
}

/** The same rows with the names that PostGraphile derives of tables. */
const POSTGRAPHILE: Questions = {
  trivial: { query: '{ __typename }' },
  viewer: {
    query: `query Viewer($user: UUID!) { viewer: userByRowId(rowId: $user) {
  id: rowId username accounts: accountsByOwnerId(first: 1, ${NEWEST}) { nodes {
    id: rowId name currency cash
    positions: positionsByAccountId(first: ${POSITIONS}, condition: { closedAt: null },
      orderBy: [OPENED_AT_DESC, ROW_ID_DESC]) { nodes {
      id: rowId quantity averagePrice realizedPnl openedAt
      instrument: instrumentByInstrumentId { symbol } } } } } } }`,
    variablesOf: ({ userId }) => ({ user: userId }),
    normalized: ({ viewer: { accounts, ...user } }: { viewer: { accounts: Nodes } }) => ({
      viewer: { user, accounts },
    }),
  },
  orders: {
    query: `query Orders($user: UUID!) {
  orders: allOrders(first: ${ORDERS}, condition: { ownerId: $user }, ${NEWEST}) { nodes { ${ORDER}
    trades: tradesByOrderId(first: 5, orderBy: [EXECUTED_AT_DESC, ROW_ID_DESC]) { nodes {
      id: rowId quantity price fee executedAt } } } } }`,
    variablesOf: ({ userId }) => ({ user: userId }),
  },
  leaderboard: {
    query: `query Board { entries: allBoards(first: ${READERS}, orderBy: [PLACE_ASC]) { nodes {
  rank modelName return: gained equity startingEquity: startingCash sampleSize
  model: modelByModelId { id: rowId name owner: userByOwnerId { username } } } } }`,
    normalized: ({ entries }: { entries: { nodes: readonly { rank: string }[] } }) => {
      const nodes = entries.nodes.map((node) => ({ ...node, rank: Number(node.rank) }));
      return { leaderboard: { entries: { nodes } } };
    },
  },
  curve: {
    query: `query Curve($account: UUID!, $from: Datetime!, $to: Datetime!) {
  account: accountByRowId(rowId: $account) { currency
    points(from: $from, to: $to) { nodes { at equity cash unrealizedPnl } } } }`,
    variablesOf: (reader) => ({
      ...measureOf('curve').variablesOf?.(reader),
      account: reader.accountId,
    }),
    normalized: ({ account }: { account: { currency: string; points: Nodes } }) => {
      const { currency, points } = account;
      const { nodes } = points;
      return { equityCurve: { currency, pointCount: nodes.length, points: nodes } };
    },
  },
  node: {
    query: `query Node($id: ID!) { node(id: $id) { __typename ... on Order { ${ORDER} } } }`,
    variablesOf: ({ orderId }) => ({
      id: Buffer.from(JSON.stringify(['Order', orderId])).toString('base64'),
    }),
  },
};

export const POSTGRAPHILE_QUESTIONS: Questions = Object.fromEntries(
  Object.entries(POSTGRAPHILE).map(([name, question]) => [
    name,
    {
      ...question,
      normalized: (data: never) => mapped(question.normalized?.(data) ?? data, asOurs),
      expected: (data: unknown) =>
        mapped(data, (key, value) => (key === 'id' ? decodeGlobalId(value).id : value)),
    },
  ]),
);

const TIME = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3})\d*\+00:00$/;

/** Decimals without the zeros at their end, times in milliseconds. */
function asOurs(_key: string, value: string): string {
  if (/^-?\d+\.\d+$/.test(value)) return value.replace(/\.?0+$/, '');
  return value.replace(TIME, '$1Z');
}

/** The same with each text in it changed. */
function mapped(data: unknown, change: (key: string, value: string) => string): unknown {
  return JSON.parse(JSON.stringify(data), (key, value: unknown) =>
    typeof value === 'string' ? change(key, value) : value,
  );
}
