import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Decimal } from '../../../src/services/platform/money.ts';
import {
  slippedPrice,
  type QuotedFill,
  type SlippageTerms,
} from '../../../src/services/trading/engine/slippage.ts';

const decimal = (text: string | number) => new Decimal(text);
const fixed = (bps: string): SlippageTerms => ({
  slippageModel: 'FIXED_BPS',
  slippageBps: decimal(bps),
});
const byVolume: SlippageTerms = { slippageModel: 'VOLUME_SHARE', slippageBps: decimal(0) };
const fill = (given: Partial<QuotedFill> = {}): QuotedFill => ({
  side: 'BUY',
  price: decimal('100'),
  quantity: decimal('10'),
  limitPrice: null,
  tickSize: decimal('0.01'),
  minuteVolume: () => undefined,
  ...given,
});
const priceOf = (given: Partial<QuotedFill>, terms: SlippageTerms) =>
  slippedPrice(fill(given), terms).toFixed();

describe('slippage of the model NONE', () => {
  test('leaves the quote as it is, on the tick or not', () => {
    const none: SlippageTerms = { slippageModel: 'NONE', slippageBps: decimal(50) };
    expect(priceOf({ price: decimal('100.005') }, none)).toBe('100.005');
  });
});

describe('slippage of fixed basis points', () => {
  test('goes against the order', () => {
    // 100 × 5 / 10,000 = 0.05
    expect(priceOf({}, fixed('5'))).toBe('100.05');
    expect(priceOf({ side: 'SELL' }, fixed('5'))).toBe('99.95');
  });

  test('is rounded to the tick against the order', () => {
    // 33.33 × 7 / 10,000 = 0.023331: 33.353331 → 33.36, and 33.306669 → 33.30
    expect(priceOf({ price: decimal('33.33') }, fixed('7'))).toBe('33.36');
    expect(priceOf({ price: decimal('33.33'), side: 'SELL' }, fixed('7'))).toBe('33.3');
  });

  test('never takes a fill past its limit', () => {
    expect(priceOf({ limitPrice: decimal('100.03') }, fixed('5'))).toBe('100.03');
    expect(priceOf({ side: 'SELL', limitPrice: decimal('99.97') }, fixed('5'))).toBe('99.97');
    expect(priceOf({ limitPrice: decimal('101') }, fixed('5'))).toBe('100.05');
  });

  test('leaves a seller one tick', () => {
    // 0.01 × (1 − 0.9999) is less than a tick.
    expect(priceOf({ side: 'SELL', price: decimal('0.01') }, fixed('9999'))).toBe('0.01');
  });
});

describe('slippage by the share of the volume', () => {
  const wide = { price: decimal('10000'), tickSize: decimal('0.0001') };
  const volume = (text: string) => ({ minuteVolume: () => decimal(text) });

  test('is price × 0.1 × (quantity / volume)²', () => {
    // 10,000 × 0.1 × (10 / 1,000)² = 1,000 × 0.0001 = 0.1
    expect(priceOf({ ...wide, ...volume('1000') }, byVolume)).toBe('10000.1');
    expect(priceOf({ ...wide, ...volume('1000'), side: 'SELL' }, byVolume)).toBe('9999.9');
  });

  test('counts a share of 2.5% at most', () => {
    // 10,000 × 0.1 × 0.025² = 1,000 × 0.000625 = 0.625, from a volume of 400 down
    expect(priceOf({ ...wide, ...volume('400') }, byVolume)).toBe('10000.625');
    expect(priceOf({ ...wide, ...volume('20') }, byVolume)).toBe('10000.625');
  });

  test('is the largest where no volume is known', () => {
    expect(priceOf({ ...wide, ...volume('0') }, byVolume)).toBe('10000.625');
    expect(priceOf(wide, byVolume)).toBe('10000.625');
  });
});

test('no model gives a price better than the quote, past the limit or off the tick', () => {
  const ticks = fc.integer({ min: 1, max: 1_000_000 }).map((n) => decimal(n).dividedBy(100));
  const side = fc.constantFrom('BUY', 'SELL');
  const terms = fc.record({
    slippageModel: fc.constantFrom('NONE', 'FIXED_BPS', 'VOLUME_SHARE'),
    slippageBps: fc.integer({ min: 0, max: 999_900 }).map((n) => decimal(n).dividedBy(100)),
  });
  fc.assert(
    fc.property(side, ticks, ticks, ticks, ticks, terms, (way, price, gap, quantity, size, by) => {
      const limit = way === 'BUY' ? price.plus(gap) : Decimal.max(price.minus(gap), '0.01');
      const found = slippedPrice(
        fill({ side: way, price, quantity, limitPrice: limit, minuteVolume: () => size }),
        by,
      );
      const [low, high] = way === 'BUY' ? [price, limit] : [limit, price];
      expect(found.greaterThanOrEqualTo(low) && found.lessThanOrEqualTo(high)).toBe(true);
      expect(found.mod('0.01').isZero()).toBe(true);
    }),
  );
});
