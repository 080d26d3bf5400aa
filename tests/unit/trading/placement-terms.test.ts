import { describe, expect, test } from 'vitest';
import { InvalidInput } from '../../../src/services/platform/errors.ts';
import { Decimal } from '../../../src/services/platform/money.ts';
import {
  expiryOf,
  parseTerms,
  type WantedTerms,
} from '../../../src/services/trading/placement-terms.ts';

const price = new Decimal('101.5');
const later = new Date('2026-03-09T12:00:00Z');
const fieldOf = (act: () => unknown): string => {
  try {
    act();
    return 'taken';
  } catch (error) {
    if (error instanceof InvalidInput) return error.field;
    throw error;
  }
};

describe('the terms of an order', () => {
  test('are those of a market order until canceled where nothing is said', () => {
    expect(parseTerms({})).toEqual({
      ...{ type: 'MARKET', timeInForce: 'GTC', limitPrice: null, stopPrice: null, expiresAt: null },
      ...{ trailAmount: null, trailPercent: null },
    });
  });

  test.each<[WantedTerms, string]>([
    [{ type: 'LIMIT' }, 'limitPrice'],
    [{ type: 'STOP' }, 'stopPrice'],
    [{ type: 'STOP_LIMIT', limitPrice: price }, 'stopPrice'],
    [{ type: 'STOP_LIMIT', stopPrice: price }, 'limitPrice'],
    [{ limitPrice: price }, 'limitPrice'],
    [{ stopPrice: price }, 'stopPrice'],
    [{ type: 'LIMIT', limitPrice: price, stopPrice: price }, 'stopPrice'],
    [{ type: 'STOP', stopPrice: price, limitPrice: price }, 'limitPrice'],
    [{ type: 'LIMIT', limitPrice: new Decimal(0) }, 'limitPrice'],
    [{ type: 'LIMIT', limitPrice: new Decimal(-1) }, 'limitPrice'],
    [{ type: 'LIMIT', limitPrice: new Decimal('1e15') }, 'limitPrice'],
    [{ type: 'LIMIT', limitPrice: new Decimal('1e-19') }, 'limitPrice'],
    [{ type: 'LIMIT', limitPrice: new Decimal(NaN) }, 'limitPrice'],
    [{ type: 'TRAILING_STOP' }, 'trailAmount'],
    [{ type: 'TRAILING_STOP', trailAmount: price, trailPercent: price }, 'trailAmount'],
    [{ type: 'TRAILING_STOP', trailPercent: new Decimal(0) }, 'trailPercent'],
    [{ type: 'TRAILING_STOP', trailPercent: new Decimal(100) }, 'trailPercent'],
    [{ type: 'TRAILING_STOP', trailPercent: new Decimal('1.1234567') }, 'trailPercent'],
    [{ type: 'TRAILING_STOP', trailAmount: new Decimal(-1) }, 'trailAmount'],
    [{ type: 'TRAILING_STOP', trailAmount: price, stopPrice: price }, 'stopPrice'],
    [{ type: 'TRAILING_STOP', trailAmount: price, timeInForce: 'IOC' }, 'timeInForce'],
    [{ type: 'STOP', stopPrice: price, trailAmount: price }, 'trailAmount'],
    [{ trailPercent: price }, 'trailPercent'],
    [{ type: 'TRAILING_STOP', trailPercent: new Decimal('99.999999') }, 'taken'],
    [{ type: 'TRAILING_STOP', trailAmount: price }, 'taken'],
    [{ timeInForce: 'GTD' }, 'expiresAt'],
    [{ timeInForce: 'DAY', expiresAt: later }, 'expiresAt'],
    [{ expiresAt: later }, 'expiresAt'],
    [{ type: 'STOP', stopPrice: price, timeInForce: 'IOC' }, 'timeInForce'],
    [{ type: 'STOP', stopPrice: price, timeInForce: 'FOK' }, 'timeInForce'],
    [{ type: 'STOP_LIMIT', stopPrice: price, limitPrice: price, timeInForce: 'GTC' }, 'taken'],
    [{ type: 'LIMIT', limitPrice: price, timeInForce: 'FOK' }, 'taken'],
    [{ timeInForce: 'GTD', expiresAt: later }, 'taken'],
  ])('%j: %s', (wanted, field) => {
    expect(fieldOf(() => parseTerms(wanted))).toBe(field);
  });
});

describe('when an order ends by itself', () => {
  const timetable = { calendar: 'ALWAYS', zone: 'America/New_York' } as const;
  const day = { timeInForce: 'DAY', expiresAt: null } as const;

  test('DAY: at midnight where its instrument trades, on days of 23 and 25 hours too', () => {
    const endOf = (now: string) => expiryOf(day, { timetable, now: new Date(now) })?.toISOString();
    expect(endOf('2026-03-02T15:00:00Z')).toBe('2026-03-03T05:00:00.000Z');
    // 2026-03-08: clocks go forward, the day has 23 hours. 2026-11-01: back, it has 25.
    expect(endOf('2026-03-08T06:00:00Z')).toBe('2026-03-09T04:00:00.000Z');
    expect(endOf('2026-11-01T06:00:00Z')).toBe('2026-11-02T05:00:00.000Z');
  });

  test('DAY: at the close of the session, or of the next one where the market is closed', () => {
    const stocks = { calendar: 'US_STOCKS', zone: 'America/New_York' } as const;
    const endOf = (now: string) =>
      expiryOf(day, { timetable: stocks, now: new Date(now) })?.toISOString();
    expect(endOf('2026-11-25T20:59:59Z')).toBe('2026-11-25T21:00:00.000Z');
    // Thanksgiving is closed, and the day after ends at 13:00 of New York.
    expect(endOf('2026-11-25T21:00:00Z')).toBe('2026-11-27T18:00:00.000Z');
    expect(endOf('2026-11-27T18:00:00Z')).toBe('2026-11-30T21:00:00.000Z');
    // Nobody knows that session, and the gate refuses the order.
    expect(endOf('2029-01-02T15:00:00Z')).toBe('2029-01-03T05:00:00.000Z');
  });

  test('GTD: in the future, and within a year', () => {
    const now = new Date('2026-03-02T15:00:00Z');
    const until = (expiresAt: string) =>
      expiryOf({ timeInForce: 'GTD', expiresAt: new Date(expiresAt) }, { timetable, now });
    expect(until('2026-03-02T15:00:00.001Z')).toEqual(new Date('2026-03-02T15:00:00.001Z'));
    expect(fieldOf(() => until('2026-03-02T15:00:00Z'))).toBe('expiresAt');
    expect(fieldOf(() => until('2027-03-04T15:00:00Z'))).toBe('expiresAt');
  });

  test('never, for the others', () => {
    const now = new Date();
    expect(expiryOf({ timeInForce: 'GTC', expiresAt: null }, { timetable, now })).toBeNull();
    expect(expiryOf({ timeInForce: 'IOC', expiresAt: null }, { timetable, now })).toBeNull();
  });
});
