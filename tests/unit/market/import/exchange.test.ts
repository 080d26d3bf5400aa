import { describe, expect, test } from 'vitest';
import {
  canonicalSymbol,
  createCalendar,
  exchangeOfSymbol,
  EXCHANGES,
} from '../../../../src/services/market/import/exchange.ts';

const newYork = createCalendar(EXCHANGES.US);
const shanghai = createCalendar(EXCHANGES.CHINA_A);
const coins = createCalendar(EXCHANGES.CRYPTO);

describe('a session in New York', () => {
  test.each([
    // Summer time ended on 2 November 2025 and began on 9 March 2025: UTC−4 in summer, UTC−5 in winter.
    ['in summer', '2025-10-31', '2025-10-31T13:30:00.000Z', '2025-10-31T20:00:00.000Z'],
    ['in winter', '2025-11-03', '2025-11-03T14:30:00.000Z', '2025-11-03T21:00:00.000Z'],
    ['on the Friday before', '2025-03-07', '2025-03-07T14:30:00.000Z', '2025-03-07T21:00:00.000Z'],
    ['on the Monday after', '2025-03-10', '2025-03-10T13:30:00.000Z', '2025-03-10T20:00:00.000Z'],
    // The clocks go on at 02:00, so that midnight is UTC−5 and the session UTC−4.
    ['on the Sunday itself', '2025-03-09', '2025-03-09T13:30:00.000Z', '2025-03-09T20:00:00.000Z'],
  ])('%s is from 09:30 to 16:00 there', (_when, date, opens, closes) => {
    const session = newYork.sessionOf(date);
    expect(session).toMatchObject({ label: date, date, interval: 'DAY_1' });
    expect(session?.openTime.toISOString()).toBe(opens);
    expect(session?.closeTime.toISOString()).toBe(closes);
  });

  test.each([
    ['2025-10-01 10:00:00', '2025-10-01T14:00:00.000Z', '2025-10-01T15:00:00.000Z'],
    ['2025-10-01 15:00:00', '2025-10-01T19:00:00.000Z', '2025-10-01T20:00:00.000Z'],
    ['2025-10-01 10:00', '2025-10-01T14:00:00.000Z', '2025-10-01T15:00:00.000Z'],
    ['2025-11-03 10:00:00', '2025-11-03T15:00:00.000Z', '2025-11-03T16:00:00.000Z'],
    // Nothing trades then; rows that open an account say it.
    ['2025-10-01 08:30:00', '2025-10-01T12:30:00.000Z', '2025-10-01T13:30:00.000Z'],
  ])('of an hour labelled %s opens at the label', (label, opens, closes) => {
    const session = newYork.sessionOf(label);
    expect(session).toMatchObject({ label, date: label.slice(0, 10), interval: 'HOUR_1' });
    expect(session?.openTime.toISOString()).toBe(opens);
    expect(session?.closeTime.toISOString()).toBe(closes);
  });

  test.each([
    '2025-02-30',
    '2025-1-1',
    '2025-10-01 9:30:00',
    '2025-10-01 24:00:00',
    '2025-10-01 10:60:00',
    '2025-10-01T10:00:00',
    '2025-10-01 10:00:00Z',
    '2025-10-01 10:00:00.000',
    // The clocks skip from 02:00 to 03:00.
    '2025-03-09 02:30:00',
    '0000-01-01',
    '9999-12-31',
    '',
    'today',
    '__proto__',
  ])('there is none on "%s"', (label) => {
    expect(newYork.sessionOf(label)).toBeUndefined();
  });
});

describe('a session in Shanghai, at UTC+8', () => {
  test('is from 09:30 to 15:00 there', () => {
    const session = shanghai.sessionOf('2025-10-09');
    expect(session?.openTime.toISOString()).toBe('2025-10-09T01:30:00.000Z');
    expect(session?.closeTime.toISOString()).toBe('2025-10-09T07:00:00.000Z');
  });

  test.each([
    // 09:30, 10:30, 13:00 and 14:00 are the hours before the four labels.
    ['2025-10-09 10:30:00', '2025-10-09T01:30:00.000Z', '2025-10-09T02:30:00.000Z'],
    ['2025-10-09 11:30:00', '2025-10-09T02:30:00.000Z', '2025-10-09T03:30:00.000Z'],
    ['2025-10-09 14:00:00', '2025-10-09T05:00:00.000Z', '2025-10-09T06:00:00.000Z'],
    ['2025-10-09 15:00:00', '2025-10-09T06:00:00.000Z', '2025-10-09T07:00:00.000Z'],
  ])('of an hour labelled %s closes at the label', (label, opens, closes) => {
    const session = shanghai.sessionOf(label);
    expect(session?.openTime.toISOString()).toBe(opens);
    expect(session?.closeTime.toISOString()).toBe(closes);
  });
});

test('a day of coins is one of UTC, from midnight to midnight', () => {
  const session = coins.sessionOf('2025-12-31');
  expect(session?.openTime.toISOString()).toBe('2025-12-31T00:00:00.000Z');
  expect(session?.closeTime.toISOString()).toBe('2026-01-01T00:00:00.000Z');
});

test('the same label is the same session', () => {
  expect(coins.sessionOf('2025-10-01')).toBe(coins.sessionOf('2025-10-01'));
});

describe('a symbol', () => {
  test.each([
    ['600519.SHH', false, '600519.SH', 'CHINA_A', 'STOCK', 'CNY'],
    ['600519.SH', false, '600519.SH', 'CHINA_A', 'STOCK', 'CNY'],
    ['000001.SHZ', false, '000001.SZ', 'CHINA_A', 'STOCK', 'CNY'],
    ['000001.SZ', false, '000001.SZ', 'CHINA_A', 'STOCK', 'CNY'],
    ['000016.SHH', false, '000016.SH', 'CHINA_A', 'INDEX', 'CNY'],
    ['600519.SHH', true, '600519.SH', 'CHINA_A', 'STOCK', 'CNY'],
    ['BTC', true, 'BTC-USDT', 'CRYPTO', 'CRYPTO', 'USDT'],
    ['BTC-USDT', false, 'BTC-USDT', 'CRYPTO', 'CRYPTO', 'USDT'],
    ['BTC-USDT', true, 'BTC-USDT', 'CRYPTO', 'CRYPTO', 'USDT'],
    ['CD5', true, 'CD5', 'CRYPTO', 'INDEX', 'USDT'],
    ['QQQ', false, 'QQQ', 'US', 'ETF', 'USD'],
    ['AAPL', false, 'AAPL', 'US', 'STOCK', 'USD'],
    ['BRK.B', false, 'BRK.B', 'US', 'STOCK', 'USD'],
    ['SH', false, 'SH', 'US', 'STOCK', 'USD'],
  ])('%s (of a file of coins: %s) is %s on %s: %s in %s', (raw, isCrypto, symbol, ...expected) => {
    expect(canonicalSymbol(raw, { isCrypto })).toBe(symbol);
    const exchange = exchangeOfSymbol(symbol);
    expect([exchange.name, exchange.assetClassOf(symbol), exchange.currency]).toEqual(expected);
  });
});
