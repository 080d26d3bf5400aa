import { describe, expect, test } from 'vitest';
import { Decimal, ZERO } from '../../../src/services/platform/money.ts';
import {
  reserveAfterFill,
  reserveOfBuy,
} from '../../../src/services/trading/engine/reservation.ts';

const decimal = (text: string) => new Decimal(text);

describe('cash that a market buy holds back', () => {
  test.each([
    // 10 × 100 × 1.05 = 1,050; no fee
    ['10', '100', '0', '1050'],
    // 3 × 33.33 × 1.05 = 104.9895 → 104.99; 10 bps of 104.9895 = 0.1049895 → 0.10
    ['3', '33.33', '10', '105.09'],
    // 0.1 × 0.5 × 1.05 = 0.0525 → 0.05; 25 bps = 0.00013125 → 0
    ['0.1', '0.5', '25', '0.05'],
  ])('for %s at %s with %s bps: %s', (quantity, ask, feeBps, reserve) => {
    const prices = { ask: decimal(ask), limitPrice: null, stopPrice: null };
    const order = { quantity: decimal(quantity), ...prices };
    const schedule = { feeBps: decimal(feeBps), feePerUnit: ZERO, feeMinimum: ZERO };
    const held = reserveOfBuy(order, schedule, { currency: 'USD', feeModel: 'INSTRUMENT' });
    expect(held?.toFixed()).toBe(reserve);
  });
});

describe('cash that it goes on to hold back after a fill', () => {
  const after = (given: Partial<Record<'reserved' | 'remaining' | 'rest' | 'free', string>>) => {
    const all = { reserved: '1050', remaining: '10', rest: '6', free: '5000', ...given };
    return reserveAfterFill({
      reserved: decimal(all.reserved),
      remaining: decimal(all.remaining),
      rest: decimal(all.rest),
      free: decimal(all.free),
      currency: 'USD',
    }).toFixed();
  };

  test('is its share of what is left to fill', () => {
    expect(after({})).toBe('630'); // 1,050 × 6/10
    expect(after({ remaining: '7', rest: '3', reserved: '100' })).toBe('42.86'); // 42.857142…
  });

  test('is nothing when all is filled, or nothing was held back', () => {
    expect(after({ rest: '0' })).toBe('0');
    expect(after({ reserved: '0', free: '-1' })).toBe('0');
  });

  test('is no more than what is free once the fill is paid', () => {
    expect(after({ free: '12.34' })).toBe('12.34');
    expect(after({ free: '0' })).toBe('0');
  });
});
