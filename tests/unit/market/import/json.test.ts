import { describe, expect, test } from 'vitest';
import { ImportError } from '../../../../src/services/market/import/errors.ts';
import {
  lineOfField,
  parseJson,
  parseQuotedJson,
} from '../../../../src/services/market/import/json.ts';
import { Decimal } from '../../../../src/services/platform/money.ts';

const place = { file: 'records.json' };

test('numbers keep every digit that is written', () => {
  const parsed = parseJson(
    '{"cash": 257.99299999999994, "tiny": [1e-7], "big": 12345678901234567890.12}',
    place,
  );
  expect(parsed).toEqual({
    cash: new Decimal('257.99299999999994'),
    tiny: [new Decimal('0.0000001')],
    big: new Decimal('12345678901234567890.12'),
  });
});

describe('a fault is found in its line', () => {
  test.each([
    ['a comma too many', '{\n  "a": 1,\n  "b": 2,,\n  "c": 3\n}', 3],
    ['a word that is none', '{\n  "a": 1,\n  "b": yes\n}', 3],
    ['a list that ends with a comma', '[\n1,\n2,\n]', 4],
    ['a text without an end', '{\n"a": "b\n}', 2],
    ['a number that is none', '{\n"a":\n01\n}', 3],
    ['an end that is missing', '{\n"a": {\n"b": 1\n', 4],
    ['something after the end', '{}\n{}', 2],
    ['nothing at all', '', 1],
  ])('%s', (_what, text, line) => {
    const parse = () => parseJson(text, place);
    expect(parse).toThrow(ImportError);
    expect(parse).toThrow(`records.json:${String(line)}: `);
  });

  test('counted from where the text begins in its file', () => {
    expect(() => parseJson('{"a": }', { file: 'f', line: 7 })).toThrow('f:7: ');
  });
});

test('the line of a field is that of the last part of its path there is', () => {
  const text = '{\n "x": {\n  "close": 1\n },\n "y": {\n  "close": 2\n }\n}';
  expect(lineOfField(text, ['y', 'close'])).toBe(6);
  expect(lineOfField(text, ['y', 'open'])).toBe(5);
  expect(lineOfField(text, [])).toBe(1);
});

test('what is nested absurdly is refused, and no fault of the program', () => {
  const nested = '['.repeat(200_000) + ']'.repeat(200_000);
  expect(() => parseJson(nested, { file: 'f', line: 3 })).toThrow(
    'f:3: This is nested too deeply.',
  );
});

test('without decimals, the same faults are found', () => {
  expect(parseQuotedJson('{"price": "1.50"}', place)).toEqual({ price: '1.50' });
  expect(() => parseQuotedJson('{\n"a": NaN}', place)).toThrow('records.json:2: ');
});
