import type { QuoteListener } from '../quote-book.ts';

/** A source of quotes. Every venue's adapter stands behind it. */
export interface Feed {
  /** Begins to call `onQuote` with each new quote, in the order of their times. */
  start(onQuote: QuoteListener): Promise<void>;
  /**
   * After it resolves no quote comes any more. Stopping twice, or before the start, is no error.
   */
  stop(): Promise<void>;
}
