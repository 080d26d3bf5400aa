import type { Streams } from '../platform/event-log/streams.ts';
import { openLater } from '../platform/live-iterator.ts';
import type { QuoteBook } from './quote-book.ts';
import { parseQuote, quoteChannel, type Quote } from './quote.ts';

export interface LiveQuotes {
  /**
   * The newest quotes of some symbols as they change, at most four a second of a symbol; those that
   * are known already come first. A symbol that nobody quotes is silent.
   */
  follow(symbols: readonly string[]): AsyncIterableIterator<Quote>;
}

export function createLiveQuotes({
  streams,
  quotes,
}: {
  readonly streams: Streams;
  readonly quotes: Pick<QuoteBook, 'bySymbols'>;
}): LiveQuotes {
  const feed = streams.feed<Quote>(({ symbol }) => symbol, parseQuote);
  return {
    follow: (symbols) =>
      openLater(async () => ({
        first: quotes.bySymbols(symbols),
        rest: streams.state(feed, [...new Set(symbols)].map(quoteChannel)),
      })),
  };
}
