import { Kind, parseValue } from 'graphql';
import { describe, expect, test } from 'vitest';
import { CursorScalar, DateTimeScalar, DecimalScalar } from '../../../src/schema/scalars.ts';
import { Decimal } from '../../../src/services/platform/money.ts';

const NINES_20 = '9'.repeat(20);

describe('a Decimal', () => {
  test.each(['0', '12.50', '-0.00000001', `${NINES_20}.${'1'.repeat(18)}`, '007'])(
    'is read from the string %s to the last digit',
    (text) => {
      expect(DecimalScalar.parseValue(text).equals(new Decimal(text))).toBe(true);
    },
  );

  test.each<[unknown, string]>([
    [12.5, 'a float'],
    [10, 'a whole number'],
    [true, 'a boolean'],
    [null, 'null'],
    ['', 'no text'],
    ['1e3', 'an exponent'],
    ['NaN', 'NaN'],
    ['Infinity', 'Infinity'],
    ['-Infinity', '-Infinity'],
    ['1,000', 'a comma'],
    [' 1', 'a space'],
    ['+1', 'a plus'],
    ['.5', 'nothing before the point'],
    ['5.', 'nothing behind the point'],
    ['0x10', 'another base'],
    [`0.${'1'.repeat(19)}`, '19 decimals'],
    // 21 + 18 = 39 digits, one more than numeric(38, 18) holds.
    [`${NINES_20}9.${'1'.repeat(18)}`, '39 digits'],
    ['١٢', 'digits of another script'],
  ])('is not %s: %s', (value) => {
    expect(() => DecimalScalar.parseValue(value)).toThrow(
      expect.objectContaining({ extensions: { code: 'BAD_USER_INPUT' } }) as Error,
    );
  });

  test('is refused as a number in a document', () => {
    for (const literal of ['10', '1.5']) {
      expect(() => DecimalScalar.parseLiteral(parseValue(literal), {})).toThrow(/string/);
    }
    const literal = parseValue('"1.5"');
    expect(literal.kind).toBe(Kind.STRING);
    expect(DecimalScalar.parseLiteral(literal, {}).toFixed()).toBe('1.5');
  });

  test('leaves as plain digits, never with an exponent', () => {
    expect(DecimalScalar.serialize(new Decimal('1e-8'))).toBe('0.00000001');
    expect(DecimalScalar.serialize(new Decimal('1e21'))).toBe('1000000000000000000000');
    expect(DecimalScalar.serialize(new Decimal('-0'))).toBe('0');
  });

  test('never leaves from a number, nor when it is not finite', () => {
    expect(() => DecimalScalar.serialize(12.5)).toThrow(/no decimal/);
    expect(() => DecimalScalar.serialize(new Decimal('NaN'))).toThrow(/not finite/);
  });
});

describe('a Cursor', () => {
  test('comes back as the position that it left as', () => {
    const cursor = CursorScalar.serialize(9_007_199_254_740_993n);
    expect(cursor).not.toContain('9007');
    expect(CursorScalar.parseValue(cursor)).toBe(9_007_199_254_740_993n);
  });

  test.each([7, 'x', '', 'MTIz'])('is not %s', (value) => {
    expect(() => CursorScalar.parseValue(value)).toThrow(/ursor/);
  });
});

describe('a DateTime', () => {
  test('is refused in words of ours, without those of a library', () => {
    expect(() => DateTimeScalar.parseValue('yesterday')).toThrow(
      expect.objectContaining({ extensions: { code: 'BAD_USER_INPUT' } }) as Error,
    );
  });
});
