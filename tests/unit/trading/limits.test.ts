import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Decimal } from '../../../src/services/platform/money.ts';
import type { Holding } from '../../../src/services/trading/engine/exposure.ts';
import { judgeLimits, type Standing } from '../../../src/services/trading/risk/judge-limits.ts';
import {
  NO_LIMITS,
  strictestOf,
  type EffectiveLimits,
  type RiskLimitValues,
  type ScopedLimits,
} from '../../../src/services/trading/risk/limits.ts';
import type { OrderType } from '../../../src/services/platform/prisma/enums.ts';
import type { Quote } from '../../../src/services/market/quote.ts';

const of = (text: string | number) => new Decimal(text);
const NONE: RiskLimitValues = { ...NO_LIMITS, priceCollar: null };
const NOTHING: Holding = { held: of(0), buying: of(0), selling: of(0), shortReserve: of(0) };
const QUOTE = { bid: of(99), ask: of(100) } as Quote;

interface Given {
  readonly side?: 'BUY' | 'SELL';
  readonly quantity?: string;
  readonly type?: OrderType;
  readonly limitPrice?: string;
  readonly stopPrice?: string;
  readonly quote?: Quote | undefined;
  readonly holding?: Partial<Record<'held' | 'buying' | 'selling', string>>;
  readonly standing?: Partial<Standing>;
}

/** Says the code of the refusal and its numbers, or "taken". A buy of 10 at 100 asked, if nothing is said. */
function say(limits: Partial<EffectiveLimits>, given: Given = {}): string {
  const { side = 'BUY', quantity = '10', limitPrice, stopPrice, holding = {}, standing } = given;
  const refusal = judgeLimits({
    order: {
      ...{ side, type: given.type ?? 'MARKET', quantity: of(quantity) },
      ...{ limitPrice: limitPrice ? of(limitPrice) : null },
      ...{ stopPrice: stopPrice ? of(stopPrice) : null },
    },
    symbol: 'ACME',
    quote: 'quote' in given ? given.quote : QUOTE,
    holding: {
      ...NOTHING,
      ...Object.fromEntries(Object.entries(holding).map(([name, value]) => [name, of(value)])),
    },
    risk: {
      limits: { ...NO_LIMITS, ...limits },
      halt: null,
      standing: { equity: null, dailyLoss: null, rate: null, ...standing },
    },
  });
  if (!refusal) return 'taken';
  const { code, ...numbers } = refusal;
  return [code, ...Object.values<unknown>(numbers).map(String)].join(' ');
}

const SALE = { side: 'SELL', holding: { held: '10' } } as const;
const TRAILING = { type: 'TRAILING_STOP', stopPrice: '90' } as const;

describe('the value of an order', () => {
  test.each<[string, Given, string]>([
    // 10 × 100 = 1,000 at the ask.
    ['999.99', {}, 'ORDER_VALUE_TOO_HIGH 1000 999.99'],
    ['1000', {}, 'taken'],
    ['1000.01', {}, 'taken'],
    // At its own limit, and at its stop: 10 × 95 and 10 × 110.
    ['949.99', { limitPrice: '95' }, 'ORDER_VALUE_TOO_HIGH 950 949.99'],
    ['950', { limitPrice: '95' }, 'taken'],
    ['1099.99', { stopPrice: '110' }, 'ORDER_VALUE_TOO_HIGH 1100 1099.99'],
    // What closes a position is an order like others: 10 × 99 at the bid.
    ['989.99', { side: 'SELL', holding: { held: '10' } }, 'ORDER_VALUE_TOO_HIGH 990 989.99'],
    ['990', { side: 'SELL', holding: { held: '10' } }, 'taken'],
    // A sale below the bid fills at the bid, and one above it at its limit.
    ['989.99', { ...SALE, limitPrice: '80' }, 'ORDER_VALUE_TOO_HIGH 990 989.99'],
    ['990', { ...SALE, limitPrice: '80' }, 'taken'],
    ['1099.99', { ...SALE, limitPrice: '110' }, 'ORDER_VALUE_TOO_HIGH 1100 1099.99'],
    // A buy whose stop the ask has passed fills at the ask; a sale gets no more than its stop,
    // which a trailing one takes along with the bid.
    ['999.99', { stopPrice: '90' }, 'ORDER_VALUE_TOO_HIGH 1000 999.99'],
    ['899.99', { ...SALE, stopPrice: '90' }, 'ORDER_VALUE_TOO_HIGH 900 899.99'],
    ['900', { ...SALE, stopPrice: '90' }, 'taken'],
    ['989.99', { ...SALE, ...TRAILING }, 'ORDER_VALUE_TOO_HIGH 990 989.99'],
    ['1000', { quote: undefined }, 'NO_QUOTE ACME'],
  ])('of at most %s, for %o: %s', (maximum, given, said) => {
    expect(say({ maxOrderValue: of(maximum) }, given)).toBe(said);
  });
});

describe('the share of a position', () => {
  const standing = { equity: of(10000) };
  test.each<[string, Given, string]>([
    // 10 × 100 = 1,000 of 10,000 = 0.1.
    ['0.099999', {}, 'POSITION_TOO_LARGE 1000 999.99 0.099999'],
    ['0.1', {}, 'taken'],
    ['0.100001', {}, 'taken'],
    // With 5 held and 5 in open buys: (5 + 5 + 10) × 100 = 2,000.
    [
      '0.199999',
      { holding: { held: '5', buying: '5' } },
      'POSITION_TOO_LARGE 2000 1999.99 0.199999',
    ],
    ['0.2', { holding: { held: '5', buying: '5' } }, 'taken'],
    // Valued at the quote, whatever its own limit.
    ['0.099999', { limitPrice: '50' }, 'POSITION_TOO_LARGE 1000 999.99 0.099999'],
    // A short of 10 is worth 10 × 99 = 990.
    ['0.098', { side: 'SELL' }, 'POSITION_TOO_LARGE 990 980 0.098'],
    ['0.099', { side: 'SELL' }, 'taken'],
    // At its limit where that is above the bid, and not at one that is below.
    ['0.109', { side: 'SELL', limitPrice: '110' }, 'POSITION_TOO_LARGE 1100 1090 0.109'],
    ['0.11', { side: 'SELL', limitPrice: '110' }, 'taken'],
    ['0.098', { side: 'SELL', limitPrice: '80' }, 'POSITION_TOO_LARGE 990 980 0.098'],
    // What makes it smaller is let through, however large it is still: (50 − 10) × 99 = 3,960.
    ['0.1', { side: 'SELL', holding: { held: '50' } }, 'taken'],
    // Beyond zero it counts: 10 held, 20 in open sales, so that 20 would be short.
    [
      '0.197',
      { side: 'SELL', holding: { held: '10', selling: '20' } },
      'POSITION_TOO_LARGE 1980 1970 0.197',
    ],
    ['1', { quote: undefined }, 'NO_QUOTE ACME'],
  ])('of at most %s, for %o: %s', (share, given, said) => {
    expect(say({ maxPositionShare: of(share) }, { standing, ...given })).toBe(said);
  });

  test('of an account that is worth nothing is too large, however small', () => {
    const given = { quantity: '1', standing: { equity: of(0) } };
    expect(say({ maxPositionShare: of(1) }, given)).toBe('POSITION_TOO_LARGE 100 0 1');
  });
});

describe('the price of an instrument', () => {
  test.each<[string, Given, string]>([
    ['99.99', {}, 'INSTRUMENT_PRICE_TOO_HIGH 100 99.99'],
    ['100', {}, 'taken'],
    ['100.01', {}, 'taken'],
    // As it is quoted, and not as the order would have it.
    ['99.99', { limitPrice: '50' }, 'INSTRUMENT_PRICE_TOO_HIGH 100 99.99'],
    ['49.99', { limitPrice: '50', quote: undefined }, 'INSTRUMENT_PRICE_TOO_HIGH 50 49.99'],
    ['1', { side: 'SELL', holding: { held: '10' } }, 'taken'],
    ['1', { side: 'SELL', holding: { held: '9' } }, 'INSTRUMENT_PRICE_TOO_HIGH 99 1'],
  ])('of at most %s, for %o: %s', (maximum, given, said) => {
    expect(say({ maxInstrumentPrice: of(maximum) }, given)).toBe(said);
  });
});

describe('a loss within a day', () => {
  test.each<[string, Given, string]>([
    ['499.99', {}, 'taken'],
    ['500', {}, 'DAILY_LOSS_REACHED 500 500'],
    ['500.01', {}, 'DAILY_LOSS_REACHED 500.01 500'],
    ['-500', {}, 'taken'],
    ['500', { side: 'SELL', holding: { held: '10' } }, 'taken'],
    ['500', { side: 'SELL', holding: { held: '10', selling: '1' } }, 'DAILY_LOSS_REACHED 500 500'],
    ['500', { side: 'BUY', holding: { held: '-10' } }, 'taken'],
    ['500', { side: 'BUY', holding: { held: '-9' } }, 'DAILY_LOSS_REACHED 500 500'],
  ])('of %s under a limit of 500, for %o: %s', (loss, given, said) => {
    const standing = { dailyLoss: of(loss) };
    expect(say({ dailyLossLimit: of(500) }, { standing, ...given })).toBe(said);
  });
});

test('an instrument that is left out can be sold, and not bought', () => {
  const allowedSymbols = ['OTHER'];
  expect(say({ allowedSymbols })).toBe('SYMBOL_NOT_ALLOWED ACME');
  expect(say({ allowedSymbols }, { side: 'SELL', holding: { held: '10' } })).toBe('taken');
  expect(say({ allowedSymbols: ['OTHER', 'ACME'] })).toBe('taken');
  expect(say({ allowedSymbols: [] })).toBe('SYMBOL_NOT_ALLOWED ACME');
});

test('too many orders in a minute are too many, those that close as well', () => {
  const standing = { rate: { maximum: 3, retryAfterSeconds: 12 } };
  expect(say({}, { standing })).toBe('TOO_MANY_ORDERS 3 12');
  const closing = { side: 'SELL', holding: { held: '10' }, standing } as const;
  expect(say({}, closing)).toBe('TOO_MANY_ORDERS 3 12');
});

test('a figure that a limit asks for and that nobody read is a bug', () => {
  expect(() => say({ dailyLossLimit: of(1) })).toThrow(/was not read/);
});

describe('of several limits', () => {
  const scoped = (scope: ScopedLimits['scope'], values: Partial<RiskLimitValues>) => ({
    ...NONE,
    ...values,
    scope,
  });

  test('the strictest decides, whoever set it', () => {
    const limits = strictestOf([
      scoped('DEPLOYMENT', { maxOrderValue: of(500), ordersPerMinute: 60 }),
      scoped('USER', { maxOrderValue: of(300), dailyLossLimit: of(10) }),
      scoped('ACCOUNT', { maxOrderValue: of(400), ordersPerMinute: 30, maxPositionShare: of(1) }),
    ]);
    expect(limits).toEqual({
      ...NO_LIMITS,
      ...{ maxOrderValue: of(300), dailyLossLimit: of(10), maxPositionShare: of(1) },
      ordersPerMinute: 30,
    });
  });

  test('the collar is 20%, wider for the deployment alone, and tighter for all', () => {
    const collar = (...all: ScopedLimits[]) => strictestOf(all).priceCollar.toFixed();
    expect(collar()).toBe('0.2');
    expect(collar(scoped('DEPLOYMENT', { priceCollar: of('0.5') }))).toBe('0.5');
    expect(collar(scoped('USER', { priceCollar: of('0.5') }))).toBe('0.2');
    expect(collar(scoped('ACCOUNT', { priceCollar: of('0.05') }))).toBe('0.05');
    const wide = scoped('DEPLOYMENT', { priceCollar: of('0.5') });
    expect(collar(wide, scoped('USER', { priceCollar: of('0.3') }))).toBe('0.3');
  });

  test('an instrument has to be allowed by all that name any', () => {
    const symbols = (...lists: (readonly string[] | null)[]) =>
      strictestOf(lists.map((allowedSymbols) => scoped('USER', { allowedSymbols }))).allowedSymbols;
    expect(symbols(null, null)).toBeNull();
    expect(symbols(['A', 'B'], null)).toEqual(['A', 'B']);
    expect(symbols(['A', 'B'], ['B', 'C'])).toEqual(['B']);
    expect(symbols(['A'], ['B'])).toEqual([]);
  });
});

describe('a stricter limit', () => {
  const amount = fc.integer({ min: 1, max: 4_000 }).map((units) => of(units).dividedBy(10));
  const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null });
  const values = fc.record({
    maxOrderValue: maybe(amount),
    maxPositionShare: maybe(fc.integer({ min: 1, max: 100 }).map((n) => of(n).dividedBy(100))),
    priceCollar: maybe(fc.integer({ min: 1, max: 100 }).map((n) => of(n).dividedBy(100))),
    maxInstrumentPrice: maybe(amount),
    ordersPerMinute: maybe(fc.integer({ min: 1, max: 100 })),
    dailyLossLimit: maybe(amount),
    allowedSymbols: maybe(fc.subarray(['ACME', 'OTHER'], { minLength: 1 })),
  });
  const scope = fc.constantFrom('USER' as const, 'ACCOUNT' as const);
  const limits = fc.tuple(scope, values).map(([name, given]) => ({ scope: name, ...given }));
  const quantity = fc.integer({ min: 0, max: 30 }).map((units) => of(units));
  const order = fc.record({
    type: fc.constantFrom('MARKET' as const, 'TRAILING_STOP' as const),
    side: fc.constantFrom('BUY' as const, 'SELL' as const),
    quantity: fc.integer({ min: 1, max: 30 }).map((units) => of(units)),
    limitPrice: maybe(amount),
    stopPrice: maybe(amount),
  });
  const situation = fc.record({
    quote: fc.option(
      amount.map((bid) => ({ bid, ask: bid.plus(1) }) as Quote),
      { nil: undefined },
    ),
    holding: fc.record({
      held: fc.integer({ min: -30, max: 30 }).map((units) => of(units)),
      buying: quantity,
      selling: quantity,
      shortReserve: fc.constant(of(0)),
    }),
    equity: fc.integer({ min: -100, max: 10_000 }).map((units) => of(units)),
    dailyLoss: fc.integer({ min: -500, max: 500 }).map((units) => of(units)),
  });

  test('is never more lenient: one more refuses all that was refused without it', () => {
    fc.assert(
      fc.property(
        fc.array(limits, { maxLength: 2 }),
        limits,
        order,
        situation,
        (before, more, given, { quote, holding, equity, dailyLoss }) => {
          const verdict = (all: readonly ScopedLimits[]) =>
            judgeLimits({
              ...{ order: given, symbol: 'ACME', quote, holding },
              risk: {
                ...{ limits: strictestOf(all), halt: null },
                standing: { equity, dailyLoss, rate: null },
              },
            });
          const [loose, strict] = [verdict(before), verdict([...before, more])];
          const collars = [before, [...before, more]].map((all) => strictestOf(all).priceCollar);
          expect(collars[1]?.lessThanOrEqualTo(collars[0] ?? 0)).toBe(true);
          if (loose) expect(strict).toBeDefined();
        },
      ),
      { numRuns: 2_000 },
    );
  });
});
