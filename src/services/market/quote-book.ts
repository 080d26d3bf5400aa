import type { Quote } from './quote.ts';

export type QuoteListener = (quote: Quote) => void;

export interface QuoteBook {
  /**
   * Takes a quote and tells every listener at once. One that is older than the newest of its
   * instrument is dropped, since prices must not run backwards. Answers whether it was taken.
   */
  put(quote: Quote): boolean;
  /** The newest quote, however old: a caller that needs a fresh one looks at its time. */
  latest(instrumentId: string): Quote | undefined;
  /** The newest quotes in the order of `symbols`; those that have none are left out. */
  bySymbols(symbols: readonly string[]): Quote[];
  /**
   * The newest `limit` quotes of an instrument, oldest first, among the {@link HISTORY_MAX} kept.
   */
  recent(instrumentId: string, limit: number): Quote[];
  /** Returns the function that ends it. A listener must not throw and must not wait. */
  onQuote(listener: QuoteListener): () => void;
}

/** Quotes kept of each instrument: two minutes of a feed that ticks twice a second. */
export const HISTORY_MAX = 240;

export interface QuoteBookOptions {
  /**
   * Told of what a listener threw; without it the error ends up where the process reports its bugs.
   */
  readonly onListenerError?: (error: unknown) => void;
}

/** The newest quotes of all instruments, in memory. */
export function createQuoteBook({
  onListenerError = throwLater,
}: QuoteBookOptions = {}): QuoteBook {
  const histories = new Map<string, Quote[]>();
  const latestBySymbol = new Map<string, Quote>();
  const listeners = new Set<QuoteListener>();

  return {
    put(quote) {
      const history = histories.get(quote.instrumentId) ?? [];
      const newest = history.at(-1);
      if (newest && newest.time > quote.time) return false;
      history.push(quote);
      if (history.length > HISTORY_MAX) history.shift();
      histories.set(quote.instrumentId, history);
      latestBySymbol.set(quote.symbol, quote);
      for (const listener of listeners) {
        try {
          listener(quote);
        } catch (error) {
          // It has a bug; the others must hear of the quote all the same.
          onListenerError(error);
        }
      }
      return true;
    },
    latest: (instrumentId) => histories.get(instrumentId)?.at(-1),
    bySymbols: (symbols) =>
      symbols.flatMap((symbol) => {
        const quote = latestBySymbol.get(symbol);
        return quote ? [quote] : [];
      }),
    recent: (instrumentId, limit) => {
      const history = histories.get(instrumentId) ?? [];
      return history.slice(Math.max(0, history.length - limit));
    },
    onQuote(listener) {
      // Wrapped, so that one function that is given twice is told twice and ends one at a time.
      const own: QuoteListener = (quote) => listener(quote);
      listeners.add(own);
      return () => void listeners.delete(own);
    },
  };
}

function throwLater(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}
