import { encodeGlobalId } from '../src/schema/global-ids.ts';
import {
  FIRST_POINT,
  ORDERS,
  POINT_MINUTES,
  POINTS,
  POSITIONS,
  READERS,
  type Reader,
} from './read-data.ts';

/** What is asked for. Each system answers the documents of {@link MEASURES} or its own for the same rows. */
export interface Measure {
  readonly title: string;
  readonly query: string;
  /** Left out for one that has none. */
  readonly variablesOf?: (reader: Reader) => Readonly<Record<string, unknown>>;
  /** Whether it is asked for with a token; else by nobody. */
  readonly isMine: boolean;
  /** How many of a hundred requests of the mixed load are of it. */
  readonly weight: number;
}

const POSITION = 'id quantity averagePrice realizedPnl openedAt instrument { symbol }';
const viewerWith = (position: string) => `query Viewer {
  viewer { user { id username } accounts(first: 1) { nodes {
    id name currency cash
    positions(first: ${POSITIONS}) { nodes { ${position} } } } } } }`;
const ORDER =
  'id side type status quantity filledQuantity averageFillPrice createdAt instrument { symbol }';

export const MEASURES = {
  trivial: { title: 'trivial', query: '{ __typename }', isMine: true, weight: 10 },
  viewer: {
    title: `viewer, ${POSITIONS} positions`,
    query: viewerWith(POSITION),
    isMine: true,
    weight: 25,
  },
  valued: {
    title: `viewer, ${POSITIONS} positions valued`,
    query: viewerWith(`${POSITION} marketValue unrealizedPnl`),
    isMine: true,
    weight: 0,
  },
  orders: {
    title: `${ORDERS} orders with trades`,
    query: `query Orders { orders(first: ${ORDERS}) { nodes { ${ORDER}
  trades(first: 5) { nodes { id quantity price fee executedAt } } } } }`,
    isMine: true,
    weight: 20,
  },
  leaderboard: {
    title: `leaderboard of ${READERS}`,
    query: `query Board { leaderboard { entries(first: ${READERS}) { nodes {
  rank modelName return equity startingEquity sampleSize model { id name owner { username } } } } } }`,
    isMine: true,
    weight: 10,
  },
  curve: {
    title: `curve of ${POINTS}`,
    query: `query Curve($account: ID!, $from: DateTime!, $to: DateTime!) {
  equityCurve(accountId: $account, from: $from, to: $to, points: ${POINTS}) {
    currency pointCount points { at equity cash unrealizedPnl } } }`,
    variablesOf: ({ accountId }) => ({
      account: encodeGlobalId('Account', accountId),
      from: FIRST_POINT,
      to: timeOfPoint(POINTS - 1),
    }),
    isMine: true,
    weight: 10,
  },
  node: {
    title: 'node(id) of an order',
    query: `query Node($id: ID!) { node(id: $id) { __typename ... on Order { ${ORDER} } } }`,
    variablesOf: ({ orderId }) => ({ id: encodeGlobalId('Order', orderId) }),
    isMine: true,
    weight: 25,
  },
  publicBoard: {
    title: `public: leaderboard of ${READERS}`,
    query: `query PublicBoard { leaderboard { entries(first: ${READERS}) { nodes {
  rank modelName return equity startingEquity sampleSize model { id name } } } } }`,
    isMine: false,
    weight: 0,
  },
  publicBars: {
    title: 'public: 100 bars',
    query: `query PublicBars { bars(symbol: "QQQ", interval: DAY_1, first: 100) { nodes {
  openTime closeTime open high low close volume } } }`,
    isMine: false,
    weight: 0,
  },
  publicInstruments: {
    title: 'public: 50 instruments',
    query: `query PublicInstruments { instruments(first: 50) { nodes {
  id symbol name assetClass currency tickSize isTradable } } }`,
    isMine: false,
    weight: 0,
  },
} as const satisfies Readonly<Record<string, Measure>>;

export type MeasureName = keyof typeof MEASURES;
export const MEASURE_NAMES = Object.keys(MEASURES) as MeasureName[];

export const measureOf = (name: MeasureName): Measure => MEASURES[name];

const MINUTE_MS = 60_000;

function timeOfPoint(index: number): string {
  return new Date(Date.parse(FIRST_POINT) + index * POINT_MINUTES * MINUTE_MS).toISOString();
}
