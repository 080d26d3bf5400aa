import { describe, expect, test } from 'vitest';
import { publishQuotes } from '../../../src/services/market/publish-quotes.ts';
import { parseQuote, type Quote } from '../../../src/services/market/quote.ts';
import { createQuoteBook, HISTORY_MAX } from '../../../src/services/market/quote-book.ts';
import { Decimal } from '../../../src/services/platform/money.ts';

const idOf = (symbol: string) =>
  `01900000-0000-7000-8000-0000000000${symbol.charCodeAt(0).toString(16)}`;

function quote(symbol: string, second: number, last = '10'): Quote {
  const price = new Decimal(last);
  return {
    instrumentId: idOf(symbol),
    symbol,
    bid: price,
    ask: price,
    last: price,
    bidSize: new Decimal(1),
    askSize: new Decimal(1),
    time: new Date(Date.UTC(2026, 0, 5, 12, 0, second)),
    source: 'SIMULATED',
  };
}

describe('the quote book', () => {
  test('knows the newest quote of each instrument', () => {
    const book = createQuoteBook();
    const [first, second, other] = [quote('A', 1), quote('A', 2), quote('B', 1)];
    for (const put of [first, second, other]) expect(book.put(put)).toBe(true);
    expect(book.latest(idOf('A'))).toBe(second);
    expect(book.latest(idOf('C'))).toBeUndefined();
    expect(book.bySymbols(['B', 'C', 'A'])).toEqual([other, second]);
  });

  test('drops a quote that is older than the newest, and tells nobody', () => {
    const book = createQuoteBook();
    const newest = quote('A', 2);
    book.put(newest);
    const told: Quote[] = [];
    book.onQuote((heard) => void told.push(heard));
    expect(book.put(quote('A', 1))).toBe(false);
    expect(book.latest(idOf('A'))).toBe(newest);
    expect(book.recent(idOf('A'), 10)).toEqual([newest]);
    expect(told).toEqual([]);
  });

  test('keeps the last quotes, oldest first, and no more than its limit', () => {
    const book = createQuoteBook();
    for (let second = 0; second < HISTORY_MAX + 5; second += 1) book.put(quote('A', second));
    expect(book.recent(idOf('A'), 2).map(({ time }) => time.getTime())).toEqual([
      quote('A', HISTORY_MAX + 3).time.getTime(),
      quote('A', HISTORY_MAX + 4).time.getTime(),
    ]);
    expect(book.recent(idOf('A'), 10_000)).toHaveLength(HISTORY_MAX);
    expect(book.recent(idOf('A'), 0)).toEqual([]);
    expect(book.recent(idOf('B'), 2)).toEqual([]);
  });

  test('tells each listener until it ends', () => {
    const book = createQuoteBook();
    const told: string[] = [];
    const listener = (heard: Quote) => void told.push(heard.symbol);
    const endFirst = book.onQuote(listener);
    book.onQuote(listener);
    book.put(quote('A', 1));
    endFirst();
    endFirst();
    book.put(quote('B', 1));
    expect(told).toEqual(['A', 'A', 'B']);
  });

  test('tells the others of a quote at which one listener throws', () => {
    const errors: unknown[] = [];
    const told: string[] = [];
    const book = createQuoteBook({ onListenerError: (error) => void errors.push(error) });
    book.onQuote(() => {
      throw new Error('a bug');
    });
    book.onQuote((heard) => void told.push(heard.symbol));
    expect(book.put(quote('A', 1))).toBe(true);
    expect(told).toEqual(['A']);
    expect(errors).toEqual([new Error('a bug')]);
  });
});

describe('publishing quotes', () => {
  test('sends each quote once, in the channel of its symbol', () => {
    const sent: [string, Quote][] = [];
    const book = createQuoteBook();
    const publish = async (channel: string, message: string) =>
      void sent.push([channel, parseQuote(message)]);
    book.onQuote(publishQuotes({ publish }));
    const [first, second] = [quote('A', 1, '10.5'), quote('B', 1)];
    book.put(first);
    book.put(second);
    expect(sent).toEqual([
      ['quote:A', first],
      ['quote:B', second],
    ]);
  });
});
