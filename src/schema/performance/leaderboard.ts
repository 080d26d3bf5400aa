import type { Benchmark } from '../../services/performance/benchmark.ts';
import type {
  LeaderboardEntry as EntryShape,
  ReturnBoard,
} from '../../services/performance/leaderboard.ts';
import { builder } from '../builder.ts';
import { connectionOf } from '../list.ts';

export const LeaderboardMetricEnum = builder.enumType('LeaderboardMetric', {
  description: 'What a leaderboard ranks by.',
  values: {
    RETURN: {
      description: 'Equity now over starting equity, less one, since the account was opened.',
    },
  },
});

const LeaderboardBenchmark = builder.objectRef<Benchmark>('LeaderboardBenchmark').implement({
  description: 'What one would have had without trading.',
  fields: (t) => ({
    symbol: t.exposeString('symbol', { description: 'Of the instrument that was just held.' }),
    return: t.expose('return', {
      type: 'Decimal',
      description: 'Its return as a fraction: `0.0412` is 4.12%.',
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
      description: 'From 1; equal returns share one. Null below the minimum sample.',
    }),
    modelName: t.exposeString('modelName', { description: 'As its owner calls it.' }),
    version: t.exposeInt('version', { description: 'Version of the model behind the score.' }),
    currency: t.exposeString('currency', { description: 'Of its equity, such as `USD`.' }),
    startingEquity: t.expose('startingEquity', {
      type: 'Decimal',
      description: 'Equity that its account began with.',
    }),
    equity: t.expose('equity', {
      type: 'Decimal',
      description: 'Cash and positions at the end of its last day.',
    }),
    return: t.expose('return', {
      type: 'Decimal',
      description: 'As a fraction: `0.1294` is 12.94%. Zero before its first day is over.',
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
    isStale: t.exposeBoolean('isStale', {
      description: 'Whether the price of something that it holds is old, or missing.',
    }),
  }),
});

export const LeaderboardEntryConnection = connectionOf(LeaderboardEntry, {
  name: 'LeaderboardEntry',
  entries: 'entries of a leaderboard',
});

export const Leaderboard = builder.objectRef<ReturnBoard>('Leaderboard').implement({
  description:
    'Public models in the order of a metric. Example: ' +
    '`leaderboard { entries { nodes { rank modelName return } } benchmark { symbol return } }`.',
  fields: (t) => ({
    metric: t.expose('metric', { type: LeaderboardMetricEnum, description: 'What it ranks by.' }),
    asOf: t.expose('asOf', { type: 'DateTime', description: 'The time whose knowledge it shows.' }),
    computedAt: t.expose('computedAt', { type: 'DateTime', description: 'When it was computed.' }),
    minimumSample: t.exposeInt('minimumSample', {
      description: 'Daily returns that an entry needs for a rank.',
    }),
    benchmark: t.expose('benchmark', {
      type: LeaderboardBenchmark,
      nullable: true,
      description: 'To compare with. Null when there is no price of it in that time.',
    }),
  }),
});
