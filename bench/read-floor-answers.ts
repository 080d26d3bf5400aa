import type { QueryConfig } from 'pg';
import { decodeGlobalId, encodeGlobalId } from '../src/schema/global-ids.ts';
import {
  boardShape,
  decimal,
  order,
  ordersShape,
  position,
  time,
  valuedPosition,
  viewerShape,
  type Row,
} from './read-floor-shapes.ts';
import { MEASURES, type MeasureName } from './read-measures.ts';
import { FLOOR_STATEMENTS, type FloorStatement } from './read-floor-statements.ts';

type Variables = Readonly<Record<string, string>>;

/** How the floor answers one query: what it asks the database for, and how the rows become the answer. */
export interface FloorAnswer {
  statements(userId: string, variables: Variables): readonly QueryConfig[];
  shape(...results: readonly Row[][]): object;
}

const named = (name: FloorStatement, values: unknown[]) => ({
  name,
  text: FLOOR_STATEMENTS[name],
  values,
  rowMode: 'array',
});

const idOf = (globalId = '') => decodeGlobalId(globalId).id;
const now = () => new Date().toISOString();

const ANSWERS: Readonly<Record<Exclude<MeasureName, 'trivial'>, FloorAnswer>> = {
  viewer: {
    statements: (userId) => [named('person', [userId]), named('positions', [userId])],
    shape: viewerShape(position),
  },
  valued: {
    statements: (userId) => [named('person', [userId]), named('valued', [userId, now()])],
    shape: viewerShape(valuedPosition),
  },
  orders: {
    statements: (userId) => [named('orders', [userId]), named('trades', [userId])],
    shape: ordersShape,
  },
  leaderboard: {
    statements: () => [named('board', [now()])],
    shape: (rows = []) => boardShape(rows, true),
  },
  curve: {
    statements: (userId, { account, from, to }) => [
      named('curveAccount', [idOf(account), userId]),
      named('points', [idOf(account), userId, from, to]),
    ],
    shape: ([account] = [], points = []) => ({
      equityCurve: {
        currency: account?.[0],
        pointCount: points.length,
        points: points.map(([at = '', equity = '', cash = '', unrealizedPnl = '']) => ({
          at: time(at),
          equity: decimal(equity),
          cash: decimal(cash),
          unrealizedPnl: decimal(unrealizedPnl),
        })),
      },
    }),
  },
  node: {
    statements: (userId, { id }) => [named('order', [idOf(id), userId])],
    shape: ([row] = []) => ({ node: row ? { __typename: 'Order', ...order(row) } : null }),
  },
  publicBoard: {
    statements: () => [named('publicBoard', [now()])],
    shape: (rows = []) => boardShape(rows, false),
  },
  publicBars: {
    statements: () => [named('bars', ['QQQ', now()])],
    shape: (rows = []) => ({
      bars: {
        nodes: rows.map(
          ([
            openTime = '',
            closeTime = '',
            open = '',
            high = '',
            low = '',
            close = '',
            volume = '',
          ]) => ({
            openTime: time(openTime),
            closeTime: time(closeTime),
            open: decimal(open),
            high: decimal(high),
            low: decimal(low),
            close: decimal(close),
            volume: decimal(volume),
          }),
        ),
      },
    }),
  },
  publicInstruments: {
    statements: () => [named('instruments', [])],
    shape: (rows = []) => ({
      instruments: {
        nodes: rows.map(
          ([id = '', symbol, name, assetClass, currency, tickSize = '', tradable]) => ({
            id: encodeGlobalId('Instrument', id),
            ...{ symbol, name, assetClass, currency, tickSize: decimal(tickSize) },
            isTradable: tradable === 't',
          }),
        ),
      },
    }),
  },
};

/** By the text of the query, which is all that the floor knows of GraphQL. */
export const FLOOR_ANSWERS: ReadonlyMap<string, FloorAnswer> = new Map(
  Object.entries(ANSWERS).map(([name, answer]) => [MEASURES[name as MeasureName].query, answer]),
);
