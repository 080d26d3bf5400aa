import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Decimal } from '../../../src/services/platform/money.ts';
import { feeOf } from '../../../src/services/trading/engine/fees.ts';

const schedule = (feeBps: string, feePerUnit = '0', feeMinimum = '0') => ({
  feeBps: new Decimal(feeBps),
  feePerUnit: new Decimal(feePerUnit),
  feeMinimum: new Decimal(feeMinimum),
});
const fill = (quantity: string, price: string) => ({
  quantity: new Decimal(quantity),
  price: new Decimal(price),
});

describe('the fee of a fill', () => {
  test.each([
    // 1 × 12,345.67 × 2.5 / 10,000 = 3.0864175 → 3.09
    ['1', '12345.67', schedule('2.5'), 'USD', '3.09'],
    // 4 × 25 × 12.5 / 10,000 = 0.125 → 0.12, half-even
    ['4', '25', schedule('12.5'), 'USD', '0.12'],
    ['4', '25', schedule('12.5'), 'USDT', '0.125'],
    ['4', '25', schedule('0'), 'USD', '0'],
    // 300 × 0.005 = 1.50, whatever the price
    ['300', '41.37', schedule('0', '0.005'), 'USD', '1.5'],
    // 1,000 × 2 bps = 0.20, and 10 × 0.03 = 0.30
    ['10', '100', schedule('2', '0.03'), 'USD', '0.5'],
    // 0.50 in all is less than the minimum, and 1.20 is more
    ['10', '100', schedule('2', '0.03', '1'), 'USD', '1'],
    ['10', '100', schedule('2', '0.10', '1'), 'USD', '1.2'],
    // A minimum is rounded as well: 0.125 → 0.12
    ['10', '100', schedule('0', '0', '0.125'), 'USD', '0.12'],
  ])('of %s at %s by %j in %s is %s', (quantity, price, venue, currency, fee) => {
    const account = { currency, feeModel: 'INSTRUMENT' } as const;
    expect(feeOf(fill(quantity, price), venue, account).toFixed()).toBe(fee);
  });

  test('is nothing for an account that pays none', () => {
    const account = { currency: 'USD', feeModel: 'NONE' } as const;
    expect(feeOf(fill('10', '100'), schedule('5', '1', '10'), account).toFixed()).toBe('0');
  });

  test('is never below the minimum, and rises with the quantity', () => {
    const account = { currency: 'USD', feeModel: 'INSTRUMENT' } as const;
    const cents = fc.integer({ min: 0, max: 100_000 }).map((n) => new Decimal(n).dividedBy(100));
    fc.assert(
      fc.property(cents, cents, cents, cents, cents, (price, more, bps, perUnit, minimum) => {
        const venue = { feeBps: bps, feePerUnit: perUnit, feeMinimum: minimum };
        const few = feeOf({ quantity: new Decimal(1), price }, venue, account);
        const many = feeOf({ quantity: more.plus(1), price }, venue, account);
        expect(few.greaterThanOrEqualTo(minimum)).toBe(true);
        expect(many.greaterThanOrEqualTo(few)).toBe(true);
      }),
    );
  });
});
