import { Decimal, toColumn } from '../platform/money.ts';
import type { Ask } from '../platform/read-transaction.ts';
import { findInstrument, readCloses } from './closes.ts';
import { daysBefore } from './days-before.ts';
import { maxDrawdown } from './metrics.ts';

/** What holding one instrument would have returned. */
export interface Benchmark {
  readonly symbol: string;
  /** close / first close − 1. */
  readonly return: Decimal;
  /** Largest fall from a high, of the last closes of its days; an estimate to six decimals. */
  readonly maxDrawdown: Decimal;
  /** The closes that it is measured between. */
  readonly from: Date;
  readonly to: Date;
}

export interface BenchmarkCommand {
  readonly symbol: string;
  /** It begins with the first close after this, unless `since` is later. */
  readonly openedAfter: Date;
  /** It begins with the last close by then, if there is one in the two weeks before. */
  readonly since?: Date | undefined;
  readonly asOf: Date;
}

const LOOK_BACK_DAYS = 14;

/**
 * The return of `symbol` between the last closes of its days, until the last close known at `asOf`:
 * the closes are those of {@link readCloses}, as for a curve's benchmark. Null for an instrument
 * that is not there, and without two such closes.
 */
export async function readBenchmark(
  ask: Ask,
  command: BenchmarkCommand,
): Promise<Benchmark | null> {
  const { symbol, openedAfter, since, asOf } = command;
  const instrument = await findInstrument(ask, symbol);
  if (!instrument) return null;
  const begins = since && since > openedAfter ? since : undefined;
  // Times of the program have milliseconds, so that this is the first one after the opening.
  const from = begins ? daysBefore(begins, LOOK_BACK_DAYS) : new Date(openedAfter.getTime() + 1);
  const { id: instrumentId, zone } = instrument;
  const days = { from, to: asOf, asOf, isDaily: true };
  const { times, prices } = await readCloses(ask, { instrumentId, zone, ...days });
  const start = begins ? times.findLastIndex((time) => time <= begins.getTime()) : 0;
  return between(symbol, times.slice(Math.max(0, start)), prices.slice(Math.max(0, start)));
}

function between(
  symbol: string,
  times: readonly number[],
  prices: readonly string[],
): Benchmark | null {
  const [from, to] = [times.at(0), times.at(-1)];
  if (from === undefined || to === undefined || from >= to) return null;
  const growth = new Decimal(prices.at(-1) ?? NaN).dividedBy(new Decimal(prices.at(0) ?? NaN));
  const drawdown = maxDrawdown(prices.map(Number));
  // A bar's prices are above zero: the database refuses others.
  if (!drawdown) throw new Error(`${symbol} has a close of zero.`);
  return {
    ...{ symbol, return: toColumn(growth.minus(1)), maxDrawdown: drawdown },
    ...{ from: new Date(from), to: new Date(to) },
  };
}
