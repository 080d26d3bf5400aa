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
    expect(numberTextOf(parse(`{"b":"\\n", "a":${digits}, "c": ":"}`).a)).toBe(digits);
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
  ['a key that begins with a colon', '{":5": 1, "x": ":6,", ":7": {"y": 2}}'],
  ['a text that ends with a bracket', '{"x{": 1, "y[": "z,", "q,":2}'],
  ['an escaped quote', String.raw`{"a\":1": 1, "b": "\": 2"}`],
])('a number and a text are told apart: %s', (_what, text) => {
  const plain = (value: unknown): unknown => {
    const digits = numberTextOf(value);
    if (digits !== undefined) return Number(digits);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, plain(one)]));
  };
  expect(plain(parse(text))).toEqual(JSON.parse(text));
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

test.each([
  String.raw`{"CASH": "\u00000x1fa8"}`,
  String.raw`{"CASH": "\u0000abc"}`,
  String.raw`{"id": "a\\\u0000"}`,
  String.raw`{"\u0000": 1}`,
])('a text with a character of code 0 is refused: %s', (text) => {
  expect(() => parse(text)).toThrow(
    'position.jsonl:7: A text of the row has a character of code 0.',
  );
});

test('a text that only looks like an escaped character of code 0 stays what it is', () => {
  const text = String.raw`{"id": "\\u0000", "more": "\\\\u0000"}`;
  expect(parse(text)).toEqual({ id: String.raw`\u0000`, more: String.raw`\\u0000` });
});

describe('a key that is there twice is refused', () => {
  test.each([
    ['CASH', '{"positions": {"CASH": 1, "AAA": 2, "CASH": 1}}'],
    ['AAA', '{"positions": {"CASH": 1, "AAA": 2, "AAA" : 3}}'],
    ['AAA', String.raw`{"positions": {"CASH": 1, "AAA": 2, "A\u0041A": 2}}`],
    ['AAA', '{"positions": {"AAA":2,"CASH"\t:1,"AAA"\t:2}}'],
    ['positions', '{"positions": {}, "date": "10:00:00", "positions": {"CASH": 1}}'],
  ])('%s in %s', (key, text) => {
    expect(() => parse(text)).toThrow(`position.jsonl:7: "${key}" is there twice.`);
  });

  test('but not one that is in two objects, nor a text that looks like keys', () => {
    const record = { a: { a: { b: '1' } }, b: ['b', { b: '", "a": "' }, { b: ' :' }], c: '\\' };
    expect(parse(JSON.stringify(record))).toEqual(record);
  });
});
