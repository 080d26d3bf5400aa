import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  Decimal,
  isMultipleOf,
  toBookedCash,
  toColumn,
  toText,
} from '../../../src/services/platform/money.ts';

describe('booked cash', () => {
  // Half-even: a tie goes to the even neighbour, so 0.125 and 0.135 both end on an even cent.
  test.each([
    ['0.125', 'USD', '0.12'],
    ['0.135', 'USD', '0.14'],
    ['-0.125', 'USD', '-0.12'],
    ['26.225', 'CNY', '26.22'],
    ['1.0000005', 'USDT', '1'],
    ['1.0000015', 'USDT', '1.000002'],
  ])('rounds %s %s to %s', (amount, currency, booked) => {
    expect(toText(toBookedCash(new Decimal(amount), currency))).toBe(booked);
  });

  test('refuses a currency that it does not know', () => {
    expect(() => toBookedCash(new Decimal(1), 'XXX')).toThrow('XXX');
  });
});

test('the product of two numbers with 38 digits in all is exact', () => {
  // 123456789.123456789 × 987654321.987654321, by long multiplication.
  const product = new Decimal('123456789.123456789').times('987654321.987654321');
  expect(toText(product)).toBe('121932631356500531.347203169112635269');
});

test("Prisma's decimals, in which rows come, keep as many digits as ours", async () => {
  const { Prisma } = await import('../../../src/services/platform/prisma/client.ts');
  await import('../../../src/services/platform/database.ts');
  // 123456789.1234567891 × 98765.123456789, by exact rational arithmetic.
  const product = new Prisma.Decimal('123456789.1234567891').times('98765.123456789');
  expect(product.toFixed()).toBe('12193225019356.9752075612625361999');
});

test('text has no exponent', () => {
  expect(toText(new Decimal('1e-18'))).toBe('0.000000000000000001');
  expect(toText(new Decimal('1e20'))).toBe('100000000000000000000');
});

test('a column value has at most 18 decimals and survives the way to text and back', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(10n ** 37n), max: 10n ** 37n }), (units) => {
      const amount = toColumn(new Decimal(units.toString()).div('1e18'));
      expect(new Decimal(toText(amount)).equals(amount)).toBe(true);
      expect(amount.decimalPlaces()).toBeLessThanOrEqual(18);
    }),
  );
});

test('a multiple of a lot is told from what is not', () => {
  expect(isMultipleOf(new Decimal('0.3'), new Decimal('0.1'))).toBe(true);
  expect(isMultipleOf(new Decimal('0.35'), new Decimal('0.1'))).toBe(false);
});
