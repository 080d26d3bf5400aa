import { Decimal, ZERO } from '../platform/money.ts';
import type { BriefedMarket } from './trader.ts';

/** The two moving averages of a market, and how far the short one is above the long one. */
export interface Momentum {
  readonly shortAverage: Decimal;
  readonly longAverage: Decimal;
  /** (short / long − 1) × 10,000; negative while the price falls. */
  readonly bps: Decimal;
  /** What the averages are of, such as "quotes of 10 s and 60 s". */
  readonly basis: string;
}

/** Simple moving averages in both cases; the counts are of closed bars. */
export interface MomentumWindows {
  /** Both windows shrink alike while the quotes do not reach back over the long one. */
  readonly shortMs: number;
  readonly longMs: number;
  /** The time that quotes must reach back before their averages mean anything. */
  readonly warmUpMs: number;
  readonly shortBars: number;
  readonly longBars: number;
}

/**
 * The momentum of a market at `asOf`: of its quotes when they reach back over the warm-up,
 * otherwise of its closed bars. Undefined while there are too few of both.
 */
export function momentumOf(
  market: Pick<BriefedMarket, 'recentQuotes' | 'recentBars'>,
  asOf: Date,
  windows: MomentumWindows,
): Momentum | undefined {
  return ofQuotes(market, asOf, windows) ?? ofBars(market, windows);
}

function ofQuotes(
  { recentQuotes }: Pick<BriefedMarket, 'recentQuotes'>,
  asOf: Date,
  { shortMs, longMs, warmUpMs }: MomentumWindows,
): Momentum | undefined {
  const ageMs = (time: Date): number => asOf.getTime() - time.getTime();
  const lastsWithin = (windowMs: number): Decimal[] =>
    recentQuotes.filter(({ time }) => ageMs(time) <= windowMs).map(({ last }) => last);
  const [oldest] = recentQuotes;
  const reachMs = oldest ? Math.min(longMs, ageMs(oldest.time)) : 0;
  if (reachMs < warmUpMs) return undefined;
  const shrunkShortMs = (shortMs * reachMs) / longMs;
  const basis = `quotes of ${inSeconds(shrunkShortMs)} and ${inSeconds(reachMs)}`;
  return compare(lastsWithin(shrunkShortMs), lastsWithin(reachMs), basis);
}

const inSeconds = (ms: number): string => `${String(Math.round(ms / 100) / 10)} s`;

function ofBars(
  { recentBars }: Pick<BriefedMarket, 'recentBars'>,
  { shortBars, longBars }: MomentumWindows,
): Momentum | undefined {
  const closes = recentBars.flatMap(({ close }) => (close ? [new Decimal(close.toFixed())] : []));
  if (closes.length < longBars) return undefined;
  const basis = `closes of ${String(shortBars)} and ${String(longBars)} bars`;
  return compare(closes.slice(0, shortBars), closes.slice(0, longBars), basis);
}

function compare(
  short: readonly Decimal[],
  long: readonly Decimal[],
  basis: string,
): Momentum | undefined {
  const shortAverage = averageOf(short);
  const longAverage = averageOf(long);
  if (!shortAverage || !longAverage) return undefined;
  const bps = shortAverage.dividedBy(longAverage).minus(1).times(10_000);
  return { shortAverage, longAverage, bps, basis };
}

function averageOf(prices: readonly Decimal[]): Decimal | undefined {
  if (prices.length === 0) return undefined;
  return prices.reduce((sum, price) => sum.plus(price), ZERO).dividedBy(prices.length);
}
