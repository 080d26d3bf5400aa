import type { Random } from '../../platform/random.ts';
import type { Normals } from './normal.ts';

/**
 * How a simulated price moves: Merton's jump diffusion, which is geometric Brownian motion with
 * jumps that come at the times of a Poisson process and have log-normal sizes (R. C. Merton,
 * "Option pricing when underlying stock returns are discontinuous", 1976), with a weak pull to a
 * reference.
 *
 * A free geometric Brownian motion wanders off: at 5% a day its logarithm has a standard deviation
 * of 0.7 after 200 days, so that after a few years prices are dust or astronomic. The pull makes it
 * an Ornstein–Uhlenbeck process whose logarithm stays within σ / √(2κ) of the reference, κ = ln 2 /
 * half-life: with 5% a day and 20 days that is 0.19, so that the price spends its life within a
 * factor of two. Over minutes the pull is a thousandth of the noise and cannot be traded on.
 */
export interface PriceProcess {
  readonly referencePrice: number;
  /** Expected relative growth a day, without the pull. */
  readonly dailyDrift: number;
  /** Standard deviation of a day's logarithmic return, without the jumps. */
  readonly dailyVolatility: number;
  readonly jumpsPerDay: number;
  /** Standard deviation of the logarithm of a jump. */
  readonly jumpVolatility: number;
  /** Days in which half of a logarithmic distance from the reference is pulled in. */
  readonly pullHalfLifeDays: number;
}

/** Prices stay within this factor of their reference whatever the dice say. */
export const DISTANCE_MAX = 8;

const DAY_MS = 86_400_000;

/**
 * The price `elapsedMs` after `price`. It draws one normal number for the diffusion, one even
 * number for whether a jump comes and, if so, one normal number for its size. Two jumps in one step
 * count as one: at 20 a day and steps of 500 ms that is lost once in centuries.
 */
export function nextPrice(
  price: number,
  process: PriceProcess,
  { elapsedMs, random, normals }: { elapsedMs: number; random: Random; normals: Normals },
): number {
  const { referencePrice, dailyDrift, dailyVolatility, jumpsPerDay, jumpVolatility } = process;
  const days = elapsedMs / DAY_MS;
  // The drift is of the price: its logarithm grows slower by half the variance, and by what jumps
  // add.
  const jumpDrift = jumpsPerDay * (Math.exp(jumpVolatility ** 2 / 2) - 1);
  const logDrift = dailyDrift - dailyVolatility ** 2 / 2 - jumpDrift;
  const distance = Math.log(price / referencePrice);
  const pulled = distance * 2 ** (-days / process.pullHalfLifeDays);
  const diffusion = logDrift * days + dailyVolatility * Math.sqrt(days) * normals.next();
  const jumps = random.next() < 1 - Math.exp(-jumpsPerDay * days);
  const jump = jumps ? jumpVolatility * normals.next() : 0;
  const bound = Math.log(DISTANCE_MAX);
  return referencePrice * Math.exp(clamp(pulled + diffusion + jump, -bound, bound));
}

function clamp(value: number, min: number, max: number): number {
  return Math.min(max, Math.max(min, value));
}
