import { describe, expect, test } from 'vitest';
import {
  parseQuote,
  quoteChannel,
  serializeQuote,
  type Quote,
} from '../../../src/services/market/quote.ts';
import { Decimal } from '../../../src/services/platform/money.ts';

const quote: Quote = {
  instrumentId: '01900000-0000-7000-8000-000000000001',
  symbol: 'PEBL.SIM',
  bid: new Decimal('0.00000001'),
  ask: new Decimal('0.85'),
  last: new Decimal('0.5'),
  bidSize: new Decimal('100000000000'),
  askSize: new Decimal('0'),
  volume: new Decimal('0.1'),
  time: new Date('2026-01-05T12:00:00.500Z'),
  source: 'SIMULATED',
};

describe('a quote on the bus', () => {
  test('is JSON of plain digits and an ISO time', () => {
    expect(JSON.parse(serializeQuote(quote))).toEqual({
      instrumentId: '01900000-0000-7000-8000-000000000001',
      symbol: 'PEBL.SIM',
      bid: '0.00000001',
      ask: '0.85',
      last: '0.5',
      bidSize: '100000000000',
      askSize: '0',
      volume: '0.1',
      time: '2026-01-05T12:00:00.500Z',
      source: 'SIMULATED',
    });
  });

  test('comes back as it was, with and without a volume', () => {
    expect(parseQuote(serializeQuote(quote))).toEqual(quote);
    const { volume: _volume, ...silent } = quote;
    expect(parseQuote(serializeQuote(silent))).toEqual(silent);
  });

  test.each([
    ['a float', { bid: 0.5 }],
    ['an exponent', { bid: '1e-8' }],
    ['no price', { last: '0' }],
    ['a negative size', { askSize: '-1' }],
    ['NaN', { ask: 'NaN' }],
    ['a bid above the ask', { bid: '0.86' }],
    ['an unknown source', { source: 'RUMOUR' }],
    ['a time without a zone', { time: '2026-01-05T12:00:00' }],
  ])('is refused with %s', (_what, wrong) => {
    const right = JSON.parse(serializeQuote(quote)) as object;
    expect(() => parseQuote(JSON.stringify({ ...right, ...wrong }))).toThrow();
  });

  test('travels in the channel of its symbol', () => {
    expect(quoteChannel('PEBL.SIM')).toBe('quote:PEBL.SIM');
  });
});
