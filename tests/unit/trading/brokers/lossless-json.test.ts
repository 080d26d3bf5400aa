import { expect, test } from 'vitest';
import { parseLosslessJson } from '../../../../src/services/trading/brokers/lossless-json.ts';

test('numbers keep their digits, and all else is what it was', () => {
  const text =
    '{"a":0.1000000000000000000001,"b":[1e3,-0],"c":"x","d":null,"e":true,"f":12345678901234567890}';
  expect(parseLosslessJson(text)).toEqual({
    ...{ a: '0.1000000000000000000001', b: ['1e3', '-0'], c: 'x', d: null, e: true },
    f: '12345678901234567890',
  });
});

test('what is no JSON throws', () => {
  expect(() => parseLosslessJson('<html>')).toThrow(SyntaxError);
});
