import type { EventBus } from '../platform/event-bus/event-bus.ts';
import { quoteChannel, serializeQuote } from './quote.ts';
import type { QuoteListener } from './quote-book.ts';

/**
 * A listener for the quote book that puts each quote on the bus, in the channel of its symbol, as
 * it comes: never more often than the feed ticks. A quote that the bus loses is made good by the
 * next.
 */
export function publishQuotes(bus: Pick<EventBus, 'publish'>): QuoteListener {
  return (quote) => void bus.publish(quoteChannel(quote.symbol), serializeQuote(quote));
}
