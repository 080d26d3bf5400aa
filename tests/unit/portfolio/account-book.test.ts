import { describe, expect, test } from 'vitest';
import type { Account, Position, Trade } from '../../../src/services/platform/prisma/client.ts';
import type { Quote } from '../../../src/services/market/quote.ts';
import { createAccountBook } from '../../../src/services/portfolio/account-book.ts';
import { decimal } from '../../support/trading-floor.ts';

const NOON = new Date('2026-03-02T18:00:00Z');
const MIDNIGHT = new Date('2026-03-02T06:00:00Z');

const accountOf = (cash: string, reserved = '0') =>
  ({ id: 'account', cash: decimal(cash), reserved: decimal(reserved) }) as Account;

const positionOf = (instrumentId: string, quantity: string, totalCost: string) =>
  ({
    ...{ id: `position ${instrumentId}`, instrumentId, openedAt: NOON },
    ...{ quantity: decimal(quantity), totalCost: decimal(totalCost) },
    closedAt: quantity === '0' ? NOON : null,
  }) as Position;

const lastPriceOf = (symbol: string, price: string) => ({
  symbol,
  lastPrice: { price: decimal(price), time: MIDNIGHT },
});

/** 5,000 in cash, of which 500 are held back; 10 ACME bought for 1,000; worth 6,100 at midnight. */
function openBook() {
  const quotes = new Map<string, Quote>();
  const book = createAccountBook(
    {
      account: accountOf('5000', '500'),
      positions: [positionOf('acme', '10', '1000')],
      instruments: new Map([['acme', lastPriceOf('ACME', '105')]]),
      day: { startedAt: MIDNIGHT, equity: decimal(6_100), flows: decimal(0) },
    },
    { latest: (id) => quotes.get(id), freshnessMs: 15_000 },
  );
  const quote = (id: string, last: string, time = NOON) => {
    quotes.set(id, { last: decimal(last), time } as Quote);
  };
  const figures = () => {
    const { marketValue, equity, unrealizedPnl, buyingPower, dayPnl } = book.value(NOON);
    return [marketValue, equity, unrealizedPnl, buyingPower, dayPnl].map((each) => String(each));
  };
  return { book, quote, figures };
}

describe('what an account is worth', () => {
  test('is its cash and what it holds, at the newest price', () => {
    const { book, quote, figures } = openBook();
    quote('acme', '120');
    // 10 × 120 = 1200; 5000 + 1200 = 6200; 1200 − 1000 = 200; 5000 − 500 = 4500; 6200 − 6100 = 100
    expect(figures()).toEqual(['1200', '6200', '200', '4500', '100']);
    const { positions, isStale } = book.value(NOON);
    // 1200 / 6200 = 0.19354838709677419354838…, to 18 decimals
    expect(String(positions[0]?.weight)).toBe('0.193548387096774194');
    expect(isStale).toBe(false);
  });

  test('takes the last price there was where nobody quotes, and says that it is stale', () => {
    const { book, figures } = openBook();
    // 10 × 105 = 1050; 5000 + 1050 = 6050; 1050 − 1000 = 50; 6050 − 6100 = −50
    expect(figures()).toEqual(['1050', '6050', '50', '4500', '-50']);
    expect(book.value(NOON).isStale).toBe(true);
  });

  test('counts a short position negative', () => {
    const { book, quote, figures } = openBook();
    quote('acme', '100');
    book.learn('beta', lastPriceOf('BETA', '20'));
    quote('beta', '25');
    book.positionChanged(positionOf('beta', '-40', '-800'));
    // Selling 40 at 20 brought 800.
    book.traded({ cashAmount: decimal(800), fee: decimal(0) } as Trade);
    expect(book.balanceChanged(accountOf('5800'))).toBe(false);
    // 1000 − 40 × 25 = 0; 5800 + 0 = 5800; 0 − (1000 − 800) = −200; 5800; 5800 − 6100 = −300
    expect(figures()).toEqual(['0', '5800', '-200', '5800', '-300']);
    expect(
      book
        .value(NOON)
        .positions.map(({ weight }) => String(weight))
        .sort(),
    ).toEqual([
      // −1000 / 5800 and 1000 / 5800 = 0.17241379310344827586…
      '-0.172413793103448276',
      '0.172413793103448276',
    ]);
  });

  test('has no weights and no gain of the day that nobody can tell', () => {
    const { book, quote } = openBook();
    quote('acme', '100');
    book.beginDay(undefined);
    book.balanceChanged(accountOf('-1000'));
    // −1000 + 10 × 100 = 0: there is nothing to be a part of.
    const { equity, dayPnl, positions } = book.value(NOON);
    expect([String(equity), dayPnl, positions[0]?.weight]).toEqual(['0', null, null]);
  });
});

describe('a trade', () => {
  test('changes position and cash at once', () => {
    const { book, quote, figures } = openBook();
    quote('acme', '120');
    const before = figures();
    book.traded({ cashAmount: decimal(-1_200), fee: decimal(2) } as Trade);
    book.positionChanged(positionOf('acme', '20', '2200'));
    expect(figures()).toEqual(before);
    // 5000 − 1200 − 2 = 3798
    expect(book.balanceChanged(accountOf('3798', '0'))).toBe(false);
    // 20 × 120 = 2400; 3798 + 2400 = 6198; 2400 − 2200 = 200; 3798; 6198 − 6100 = 98
    expect(figures()).toEqual(['2400', '6198', '200', '3798', '98']);
  });

  test('that closes a position takes it away', () => {
    const { book } = openBook();
    book.traded({ cashAmount: decimal(1_200), fee: decimal(0) } as Trade);
    book.positionChanged(positionOf('acme', '0', '0'));
    book.balanceChanged(accountOf('6200'));
    expect(book.instrumentIds()).toEqual(new Set());
    expect(book.value(NOON).positions).toEqual([]);
  });
});

test('cash that moves without a trade is told, so that the day is read anew', () => {
  const { book } = openBook();
  expect(book.balanceChanged(accountOf('5000', '0'))).toBe(false);
  expect(book.balanceChanged(accountOf('7000', '0'))).toBe(true);
});

test('a split counts though no cash comes with it', () => {
  const { book, quote, figures } = openBook();
  quote('acme', '60');
  book.positionChanged(positionOf('acme', '20', '1000'));
  book.settle();
  // 20 × 60 = 1200, as 10 × 120 was
  expect(figures()).toEqual(['1200', '6200', '200', '4500', '100']);
});
