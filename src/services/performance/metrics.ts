import { Decimal, ZERO } from '../platform/money.ts';
import { studentT975 } from './student-t.ts';

/*
 * Pure figures of performance. Scores are decimals. Statistics are made of a daily series of
 * equity, the starting balance first and then one value for each day, in floating point: they are
 * estimates, and no amounts. What is not defined is undefined here and null in the graph, never a
 * sentinel.
 */

/** Daily returns that a score needs to be ranked (DOMAIN, "Equity and metrics"). */
export const MINIMUM_SAMPLE_TO_RANK = 5;

/** Digits after the point that an estimate is given with: it is a statistic, and no amount. */
const ESTIMATE_DECIMALS = 6;

/** last / first − 1. Undefined when the first is not above zero. */
export function totalReturn(first: Decimal, last: Decimal): Decimal | undefined {
  if (!first.greaterThan(ZERO)) return undefined;
  return last.dividedBy(first).minus(1);
}

/** value / value of the day before − 1, for each day. Undefined when a value is not above zero. */
export function dailyReturns(equity: readonly number[]): Float64Array | undefined {
  // One piece of memory, and no list for each step: a board has tens of thousands of days.
  const returns = new Float64Array(Math.max(0, equity.length - 1));
  let before = NaN;
  for (let day = 0; day < equity.length; day += 1) {
    const value = equity[day] ?? NaN;
    if (!(value > 0)) return undefined;
    if (day > 0) returns[day - 1] = value / before - 1;
    before = value;
  }
  return returns;
}

/**
 * The largest fall from a high so far, as a fraction of that high: max over days of 1 − value /
 * running peak, the first value being the first peak (DOMAIN, "Equity and metrics"; Magdon-Ismail
 * and Atiya, "Maximum drawdown", Risk 17/10, 2004). 0 for a series that never falls. An estimate to
 * six decimals. Undefined when the first value is not above zero.
 */
export function maxDrawdown(equity: readonly number[]): Decimal | undefined {
  let peak = equity[0] ?? 0;
  if (!(peak > 0)) return undefined;
  let deepest = 0;
  for (const value of equity) {
    peak = Math.max(peak, value);
    deepest = Math.max(deepest, 1 - value / peak);
  }
  return new Decimal(deepest).toDecimalPlaces(ESTIMATE_DECIMALS);
}

export interface ConfidenceInterval {
  readonly low: Decimal;
  readonly high: Decimal;
}

/**
 * The 95% confidence interval of the total return, from daily log returns x = ln(1 + daily return),
 * taken as independent draws from one normal distribution. Their sum is the log of the total
 * growth, and Student's interval of their mean (NIST/SEMATECH e-Handbook of Statistical Methods,
 * 1.3.5.2), times n on both sides, is that of their sum:
 *
 *     exp(Σx ± t(0.975, n − 1) × s × √n) − 1,  s = √(Σ(x − x̄)² / (n − 1))
 *
 * Undefined for fewer than two daily returns, and when a value of the series is not above zero.
 */
export function totalReturnInterval(equity: readonly number[]): ConfidenceInterval | undefined {
  const growths = dailyReturns(equity)?.map(Math.log1p);
  const count = growths?.length ?? 0;
  if (!growths || count < 2) return undefined;
  let sum = 0;
  for (const growth of growths) sum += growth;
  const mean = sum / count;
  let squares = 0;
  for (const growth of growths) squares += (growth - mean) ** 2;
  const deviation = Math.sqrt(squares / (count - 1));
  const margin = studentT975(count - 1) * deviation * Math.sqrt(count);
  return { low: growthToReturn(sum - margin), high: growthToReturn(sum + margin) };
}

function growthToReturn(logGrowth: number): Decimal {
  // A few days far apart give margins beyond what a number holds: they say nothing, and stay
  // finite.
  const bounded = Math.min(logGrowth, LOG_GROWTH_MAX);
  return new Decimal(Math.expm1(bounded)).toDecimalPlaces(ESTIMATE_DECIMALS);
}

/** e^41 ≈ 6 × 10¹⁷: above any growth that a column can keep. */
const LOG_GROWTH_MAX = 41;
