import { describe, expect, test } from 'vitest';
import { createNormals } from '../../../src/services/market/feeds/normal.ts';
import {
  DISTANCE_MAX,
  nextPrice,
  type PriceProcess,
} from '../../../src/services/market/feeds/price-process.ts';
import { createRandom } from '../../../src/services/platform/random.ts';

const DAY_MS = 86_400_000;
const NO_PULL_DAYS = 1e9;
const calm: PriceProcess = {
  referencePrice: 100,
  dailyDrift: 0,
  dailyVolatility: 0.05,
  jumpsPerDay: 0,
  jumpVolatility: 0,
  pullHalfLifeDays: NO_PULL_DAYS,
};

function dice(seed: number, elapsedMs: number) {
  const random = createRandom(seed);
  return { elapsedMs, random, normals: createNormals(random) };
}

/** Mean and standard deviation of logarithmic returns of a day over many independent days. */
function momentsOfADay(process: PriceProcess, days: number) {
  const rolled = dice(3, DAY_MS);
  const returns = Array.from({ length: days }, () =>
    Math.log(nextPrice(process.referencePrice, process, rolled) / process.referencePrice),
  );
  const mean = returns.reduce((sum, value) => sum + value, 0) / days;
  const variance = returns.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (days - 1);
  return { mean, deviation: Math.sqrt(variance) };
}

describe('normal numbers', () => {
  test('have mean 0, variance 1 and the tails of the normal distribution', () => {
    const normals = createNormals(createRandom(11));
    const values = Array.from({ length: 200_000 }, () => normals.next());
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + value ** 2, 0) / values.length;
    const beyondTwo = values.filter((value) => Math.abs(value) > 1.96).length / values.length;
    // Standard errors: 1/√200,000 = 0.0022, √(2/200,000) = 0.0032, √(0.05·0.95/200,000) = 0.0005.
    expect(Math.abs(mean)).toBeLessThan(0.01);
    expect(Math.abs(variance - 1)).toBeLessThan(0.015);
    // 5% of a normal distribution lies beyond 1.96 standard deviations.
    expect(Math.abs(beyondTwo - 0.05)).toBeLessThan(0.0025);
  });

  test('are finite when the dice show zero', () => {
    const normals = createNormals({ next: () => 0 });
    // √(−2 ln(1 − 0)) = 0.
    for (const value of [normals.next(), normals.next()]) expect(value).toBeCloseTo(0, 12);
  });
});

describe('the price process', () => {
  test('is geometric Brownian motion when nothing jumps and nothing pulls', () => {
    const { mean, deviation } = momentsOfADay(calm, 100_000);
    expect(deviation).toBeCloseTo(0.05, 3);
    // The logarithm falls by half the variance, 0.05² / 2 = 0.00125, so that the price is a fair game.
    expect(Math.abs(mean + 0.00125)).toBeLessThan(0.0007);
  });

  test('moves by hand-worked numbers', () => {
    // u = 0.5, 0: radius √(−2 ln 0.5) = 1.177410, angle 0, so that the normal number is 1.177410.
    const dealt = [0.5, 0, 0.9];
    const random = { next: () => dealt.shift() ?? 0 };
    const price = nextPrice(100, calm, {
      elapsedMs: DAY_MS,
      random,
      normals: createNormals(random),
    });
    // 100 × e^(−0.00125 + 0.05 × 1.177410) = 100 × e^0.0576205 = 105.9313.
    expect(price).toBeCloseTo(105.9313, 4);
  });

  test('jumps as often as it should, and by that much more widely', () => {
    const jumpy = { ...calm, jumpsPerDay: 1, jumpVolatility: 0.1 };
    const { deviation } = momentsOfADay(jumpy, 100_000);
    // A step of a day has a jump with 1 − 1/e = 0.632: √(0.05² + 0.632 × 0.1²) = 0.0939.
    expect(Math.abs(deviation - 0.0939)).toBeLessThan(0.001);
  });

  test('pulls half of the distance in within its half-life', () => {
    const pulled = { ...calm, dailyVolatility: 0, pullHalfLifeDays: 20 };
    // √(400 / 100) = 2: half of the logarithmic distance from 100 is left.
    expect(nextPrice(400, pulled, dice(1, 20 * DAY_MS))).toBeCloseTo(200, 6);
    expect(nextPrice(25, pulled, dice(1, 20 * DAY_MS))).toBeCloseTo(50, 6);
  });

  test.each([1, 2, 3, 4, 5])('is sane after two years of running with seed %s', (seed) => {
    const lively = {
      ...calm,
      dailyVolatility: 0.11,
      jumpsPerDay: 20,
      jumpVolatility: 0.014,
      pullHalfLifeDays: 20,
    };
    const rolled = dice(seed, 60_000);
    let [price, lowest, highest] = [100, 100, 100];
    for (let minute = 0; minute < 730 * 1_440; minute += 1) {
      price = nextPrice(price, lively, rolled);
      lowest = Math.min(lowest, price);
      highest = Math.max(highest, price);
    }
    // A day's variance is 0.11² + 20 × 0.014² = 0.0160, so that σ / √(2 ln 2 / 20) = 0.48 is the
    // standard deviation of its logarithm; four of them are a factor of e^1.92 = 6.8.
    expect(lowest).toBeGreaterThan(100 / 6.8);
    expect(highest).toBeLessThan(100 * 6.8);
  });

  test('keeps within its bounds even when the dice are loaded', () => {
    const wild = { ...calm, dailyVolatility: 50 };
    for (const loaded of [3, -3]) {
      const rolled = {
        elapsedMs: DAY_MS,
        random: createRandom(1),
        normals: { next: () => loaded },
      };
      const price = nextPrice(100, wild, rolled);
      expect(price).toBeLessThanOrEqual(100 * DISTANCE_MAX * 1.000001);
      expect(price).toBeGreaterThanOrEqual(100 / DISTANCE_MAX / 1.000001);
    }
  });
});
