import { quoteChannel, serializeQuote, type Quote, type QuoteMessage } from './quote.ts';
import type { QuoteListener } from './quote-book.ts';

/** What is needed of the event bus. */
export interface QuotePublisher {
  publish(channel: string, message: QuoteMessage): Promise<void> | void;
}

/**
 * A listener for the quote book that puts each quote on the bus, in the channel of its symbol, as it
 * comes: never more often than the feed ticks. A quote that could not be sent is told to `onError` and
 * not sent again, since the next one makes it good.
 */
export function publishQuotes(
  bus: QuotePublisher,
  onError: (error: unknown) => void,
): QuoteListener {
  const publish = async (quote: Quote): Promise<void> => {
    await bus.publish(quoteChannel(quote.symbol), serializeQuote(quote));
  };
  return (quote) => {
    publish(quote).catch(onError);
  };
}
