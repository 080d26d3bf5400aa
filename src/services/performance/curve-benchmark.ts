import { Decimal, toColumn, ZERO } from '../platform/money.ts';
import { InvalidInput } from '../platform/errors.ts';
import type { Ask } from '../platform/read-transaction.ts';
import { findInstrument, readCloses, type Closing } from './closes.ts';
import { pickPoints } from './lttb.ts';
import type { EquityPoint } from './equity-series.ts';

export interface BenchmarkPoint {
  readonly at: Date;
  /** What the equity at the curve's first point would be worth, had it bought the instrument. */
  readonly value: Decimal;
}

/** An instrument that was just held, beside a curve. */
export interface CurveBenchmark {
  readonly symbol: string;
  /** Last close / first close − 1. */
  readonly return: Decimal;
  /** The closes that it is measured between. */
  readonly from: Date;
  readonly to: Date;
  /** Oldest first. */
  readonly points: readonly BenchmarkPoint[];
}

export interface CurveBenchmarkCommand {
  /** First point of the curve. */
  readonly start: Pick<EquityPoint, 'at' | 'equity'>;
  readonly to: Date;
  /** The time whose knowledge is asked for. */
  readonly asOf: Date;
  /** Most points wanted. */
  readonly points: number;
}

/** Throws InvalidInput for a symbol that no instrument has. */
export async function findBenchmark(ask: Ask, symbol: string): Promise<Closing> {
  const instrument = await findInstrument(ask, symbol);
  if (!instrument) throw new InvalidInput('benchmark', `There is no instrument "${symbol}".`);
  return instrument;
}

/**
 * The closes of an instrument from the curve's first point to `to`, the first of them scaled to the
 * equity there: those of {@link readCloses}, as for a leaderboard's benchmark. Thinned to `points`
 * with the shape kept. Null without two closes, and for an equity not above zero.
 */
export async function readCurveBenchmark(
  ask: Ask,
  { id: instrumentId, zone, symbol }: Closing,
  { start, to, asOf, points }: CurveBenchmarkCommand,
): Promise<CurveBenchmark | null> {
  if (!start.equity.greaterThan(ZERO)) return null;
  const window = { from: start.at, to, asOf, isDaily: false };
  const { times, prices } = await readCloses(ask, { instrumentId, zone, ...window });
  if (prices.length < 2) return null;
  const x = Float64Array.from(times);
  const y = Float64Array.from(prices, Number);
  const first = new Decimal(prices[0] ?? NaN);
  const growthTo = (index: number): Decimal => new Decimal(prices[index] ?? NaN).dividedBy(first);
  const timeOf = (index: number): Date => new Date(x[index] ?? NaN);
  const last = prices.length - 1;
  return {
    symbol,
    return: toColumn(growthTo(last).minus(1)),
    from: timeOf(0),
    to: timeOf(last),
    points: Array.from(pickPoints({ x, y }, points), (index) => ({
      at: timeOf(index),
      value: toColumn(growthTo(index).times(start.equity)),
    })),
  };
}
