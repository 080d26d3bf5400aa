import type { Benchmark } from '../../services/performance/benchmark.ts';
import type { LeaderboardEntry as EntryShape } from '../../services/performance/board-entry.ts';
import type { Board } from '../../services/performance/leaderboard.ts';
import { builder } from '../builder.ts';
import { connectionOf } from '../list.ts';

export const LeaderboardMetricEnum = builder.enumType('LeaderboardMetric', {
  description: 'What a leaderboard ranks by.',
  values: {
    RETURN: {
      description: 'Equity now over what the window began with, less one. The highest is first.',
    },
    MAX_DRAWDOWN: {
      description:
        'The largest fall from a high, as a fraction of that high, of the daily equity in the ' +
        'window and what it began with. The smallest is first.',
    },
  },
});

export const LeaderboardWindowEnum = builder.enumType('LeaderboardWindow', {
  description:
    'How far back a leaderboard looks. A window begins with the last daily equity at or before its ' +
    'first moment, or with the starting equity of an account that opened later.',
  values: {
    ALL: { description: 'Since each account opened.' },
    DAYS_7: { description: 'The last 7 times 24 hours.' },
    DAYS_30: { description: 'The last 30 times 24 hours.' },
    DAYS_90: { description: 'The last 90 times 24 hours.' },
    YEAR_1: { description: 'The last 365 times 24 hours.' },
  },
});

const LeaderboardBenchmark = builder.objectRef<Benchmark>('LeaderboardBenchmark').implement({
  description:
    'What one would have had without trading, by the last close of each day: the daily one or, on a ' +
    'day without one, the last of its hours; of its minutes when it has neither in that time.',
  fields: (t) => ({
    symbol: t.exposeString('symbol', { description: 'Of the instrument that was just held.' }),
    return: t.expose('return', {
      type: 'Decimal',
      description: 'Its return as a fraction: `0.0412` is 4.12%.',
    }),
    maxDrawdown: t.expose('maxDrawdown', {
      type: 'Decimal',
      description: 'Its largest fall from a high, of these closes; an estimate to six decimals.',
    }),
    from: t.expose('from', { type: 'DateTime', description: 'The close that it begins at.' }),
    to: t.expose('to', { type: 'DateTime', description: 'The close that it ends at.' }),
  }),
});

export const LeaderboardEntry = builder.objectRef<EntryShape>('LeaderboardEntry').implement({
  description: 'A model on a leaderboard.',
  fields: (t) => ({
    rank: t.exposeInt('rank', {
      nullable: true,
      description: 'From 1; equal scores share one. Null below the minimum sample.',
    }),
    modelName: t.exposeString('modelName', { description: 'As its owner calls it.' }),
    version: t.exposeInt('version', { description: 'Version of the model behind the score.' }),
    currency: t.exposeString('currency', { description: 'Of its equity, such as `USD`.' }),
    startingEquity: t.expose('startingEquity', {
      type: 'Decimal',
      description: 'Equity that its account began with.',
    }),
    baseEquity: t.expose('baseEquity', {
      type: 'Decimal',
      description:
        'What the window begins with: the last daily equity by then, or the starting equity.',
    }),
    equity: t.expose('equity', {
      type: 'Decimal',
      description: 'Cash and positions at the end of its last day.',
    }),
    return: t.expose('return', {
      type: 'Decimal',
      nullable: true,
      description:
        'Equity over base equity, less one: `0.1294` is 12.94%. Zero before its first day is over. ' +
        'Null for a base that is not above zero.',
    }),
    maxDrawdown: t.expose('maxDrawdown', {
      type: 'Decimal',
      nullable: true,
      description:
        'Largest fall from a high of its days in the window: `0.08` is 8%; `0` never fell. An ' +
        'estimate to six decimals. Null for a base that is not above zero.',
    }),
    confidenceLow: t.expose('confidenceLow', {
      type: 'Decimal',
      nullable: true,
      description: 'Lower end of the 95% interval of the return. Null where it is not defined.',
    }),
    confidenceHigh: t.expose('confidenceHigh', {
      type: 'Decimal',
      nullable: true,
      description: 'Upper end of the 95% interval of the return. Null where it is not defined.',
    }),
    sampleSize: t.exposeInt('sampleSize', { description: 'Daily returns behind the score.' }),
    corrections: t.expose('corrections', {
      type: 'Decimal',
      description:
        'Cash that its imported records gain (or, below zero, lose) without any trade that explains ' +
        'it, before the time of the board, in its currency. It is part of the equity: the further from ' +
        'zero, the less the return says. Zero for what traded here.',
    }),
    isStale: t.exposeBoolean('isStale', {
      description: 'Whether the price of something that it holds is old, or missing.',
    }),
  }),
});

export const LeaderboardEntryConnection = connectionOf(LeaderboardEntry, {
  name: 'LeaderboardEntry',
  entries: 'entries of a leaderboard',
});

export const Leaderboard = builder.objectRef<Board>('Leaderboard').implement({
  description:
    'Public models in the order of a metric. Example: ' +
    '`leaderboard(metric: MAX_DRAWDOWN, window: DAYS_30) ' +
    '{ entries { nodes { rank modelName return maxDrawdown } } benchmark { symbol return } }`.',
  fields: (t) => ({
    metric: t.expose('metric', { type: LeaderboardMetricEnum, description: 'What it ranks by.' }),
    window: t.expose('window', {
      type: LeaderboardWindowEnum,
      description: 'How far back it looks.',
    }),
    asOf: t.expose('asOf', { type: 'DateTime', description: 'The time whose knowledge it shows.' }),
    computedAt: t.expose('computedAt', { type: 'DateTime', description: 'When it was computed.' }),
    minimumSample: t.exposeInt('minimumSample', {
      description: 'Daily returns that an entry needs for a rank.',
    }),
    benchmark: t.field({
      type: LeaderboardBenchmark,
      nullable: true,
      resolve: ({ benchmark }) => benchmark(),
      description: 'To compare with. Null when there is no price of it in that time.',
    }),
  }),
});
