import type { BenchmarkPoint, CurveBenchmark } from '../../services/performance/curve-benchmark.ts';
import type { EquityCurve as CurveShape } from '../../services/performance/equity-curve.ts';
import type { EquityPoint as PointShape } from '../../services/performance/equity-series.ts';
import { builder } from '../builder.ts';

const EquityPoint = builder.objectRef<PointShape>('EquityPoint').implement({
  description:
    'What an account was worth at a time, by what happened before it. What happens at the close of a ' +
    'bar, where the next one opens, belongs to that next one.',
  fields: (t) => ({
    at: t.expose('at', { type: 'DateTime', description: 'The time.' }),
    equity: t.expose('equity', {
      type: 'Decimal',
      description: 'Cash, and what was held, at the prices known then.',
    }),
    cash: t.expose('cash', { type: 'Decimal', description: 'The cash in it.' }),
    unrealizedPnl: t.expose('unrealizedPnl', {
      type: 'Decimal',
      description: 'What was held then, less what was paid for it.',
    }),
  }),
});

const EquityBenchmarkPoint = builder.objectRef<BenchmarkPoint>('EquityBenchmarkPoint').implement({
  description: 'What one would have had, had one just held the benchmark.',
  fields: (t) => ({
    at: t.expose('at', { type: 'DateTime', description: 'Time of the close.' }),
    value: t.expose('value', {
      type: 'Decimal',
      description:
        "The close, scaled so that the first one is the equity of the curve's first point.",
    }),
  }),
});

const EquityBenchmark = builder.objectRef<CurveBenchmark>('EquityBenchmark').implement({
  description:
    "An instrument to compare a curve with: its closes from the curve's first point on. On a day with " +
    'a daily close that one counts, on a day without one its hours do, and its minutes when it has ' +
    'neither in that time.',
  fields: (t) => ({
    symbol: t.exposeString('symbol', { description: 'Of the instrument.' }),
    return: t.expose('return', {
      type: 'Decimal',
      description: 'Last close over first close, less one: `0.0412` is 4.12%.',
    }),
    from: t.expose('from', { type: 'DateTime', description: 'The close that it begins at.' }),
    to: t.expose('to', { type: 'DateTime', description: 'The close that it ends at.' }),
    points: t.field({
      type: [EquityBenchmarkPoint],
      description: 'Oldest first, thinned like the curve.',
      // Paid with the field of the curve, whose argument says how many.
      complexity: { field: 1, multiplier: 1 },
      resolve: ({ points }) => [...points],
    }),
  }),
});

export const EquityCurve = builder.objectRef<CurveShape>('EquityCurve').implement({
  description:
    'What an account was worth over time, thinned for a chart so that its shape stays: by largest ' +
    'triangles (LTTB), its first, last, lowest and highest points kept. It begins with what the account ' +
    'had when it opened, if that lies in the window. Example: ' +
    '`equityCurve(modelId: "…", points: 200, benchmark: "QQQ") ' +
    '{ currency points { at equity } benchmark { return points { at value } } }`.',
  fields: (t) => ({
    currency: t.exposeString('currency', { description: 'Of its amounts, such as `USD`.' }),
    from: t.expose('from', { type: 'DateTime', description: 'Where the window begins.' }),
    to: t.expose('to', { type: 'DateTime', description: 'Where the window ends.' }),
    pointCount: t.exposeInt('pointCount', {
      description: 'Points in the window, before they were thinned.',
    }),
    points: t.field({
      type: [EquityPoint],
      description: 'Oldest first, as many as were asked for or all there are.',
      complexity: { field: 1, multiplier: 1 },
      resolve: ({ points }) => [...points],
    }),
    benchmark: t.expose('benchmark', {
      type: EquityBenchmark,
      nullable: true,
      description:
        'Null when none was asked for, when it has no two closes in that time, and when the curve ' +
        'begins with nothing.',
    }),
  }),
});
