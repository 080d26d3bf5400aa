import { describe, expect, test } from 'vitest';
import {
  numberTextOf,
  parseNumberTexts,
} from '../../../../src/services/agents/import/number-texts.ts';

const PLACE = { file: 'position.jsonl', line: 7 };
const parse = (text: string) => parseNumberTexts(text, PLACE) as Record<string, unknown>;

describe('numbers keep their digits', () => {
  test.each([
    '0',
    '-0.0',
    '10000.0',
    '9593.985000000001',
    '0.1234567890123456789012345',
    '1e-8',
    '-1.5E+3',
    '123456789012345678901234567890',
  ])('%s', (digits) => {
    expect(numberTextOf(parse(`{"a": ${digits}}`).a)).toBe(digits);
    expect(numberTextOf(parse(`{"a":[${digits},${digits} ]}`).a)).toBeUndefined();
  });
});

test('texts stay what they are, whatever is in them', () => {
  const record = {
    date: '2025-10-01 10:00:00',
    ':5': ':5',
    '"a": 5': '\\": 6, \\\\',
    empty: '',
    sign: '\u0001 – 7',
    '7': true,
  };
  const parsed = parse(JSON.stringify(record));
  expect(parsed).toEqual(record);
  expect(Object.values(parsed).map(numberTextOf)).toEqual(Array(6).fill(undefined));
});

test.each([
  '{"a": 01}',
  '{"a": 1.}',
  '{"a": .5}',
  '{5: 1}',
  '{12 : 1}',
  '{"a": 1 2}',
  '{"a": +1}',
  '',
  '{"a": 1',
  'NaN',
])('what is no JSON is refused with its place: %s', (text) => {
  expect(() => parse(text)).toThrow('position.jsonl:7: This is not valid JSON. Was it cut off?');
});
