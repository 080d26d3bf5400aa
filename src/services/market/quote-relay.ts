import { z } from 'zod';
import type { EventBus, Unsubscribe } from '../platform/event-bus/event-bus.ts';
import type { Ids } from '../platform/ids.ts';
import type { Logger } from '../platform/logger.ts';
import type { QuoteBook } from './quote-book.ts';
import { parseQuote, serializeQuote, type Quote } from './quote.ts';
import { publishQuotes } from './publish-quotes.ts';

/** Keeps the quote books of all processes alike. */
export interface QuoteRelay {
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** All quotes of all feeds, for processes; people follow a symbol in a channel of its own. */
const BOOK_CHANNEL = 'quote-book';

const message = z.object({ from: z.uuid(), quotes: z.array(z.string()) });

/**
 * A quote that a feed of this process brings is told to the others, once; one that another process
 * told goes into the book and no further. Quotes that come in one turn of the event loop, such as
 * those of one tick, share a message. A message that is lost is made good by the next tick.
 */
export function createQuoteRelay({
  bus,
  quotes,
  ids,
  logger,
  isAlone,
}: {
  readonly bus: EventBus;
  readonly quotes: QuoteBook;
  readonly ids: Ids;
  readonly logger: Pick<Logger, 'error'>;
  /** Whether there are no other processes: then only people are told. */
  readonly isAlone: boolean;
}): QuoteRelay {
  const from = ids.next();
  const heard = new WeakSet<Quote>();
  const ends: Unsubscribe[] = [];
  let gathered: string[] = [];

  const tellPeople = publishQuotes(bus);
  const tellProcesses = (quote: Quote): void => {
    gathered.push(serializeQuote(quote));
    if (gathered.length > 1) return;
    queueMicrotask(() => {
      const told = { from, quotes: gathered };
      gathered = [];
      void bus.publish(BOOK_CHANNEL, JSON.stringify(told));
    });
  };

  const hear = (text: string): void => {
    try {
      const told = message.parse(JSON.parse(text));
      if (told.from === from) return;
      for (const quote of told.quotes.map(parseQuote)) {
        heard.add(quote);
        quotes.put(quote);
      }
    } catch (error) {
      logger.error({ err: error }, 'Quotes of another process could not be read.');
    }
  };

  return {
    async start() {
      ends.push(
        quotes.onQuote((quote) => {
          if (heard.has(quote)) return;
          tellPeople(quote);
          if (!isAlone) tellProcesses(quote);
        }),
      );
      if (!isAlone) ends.push(await bus.subscribe(BOOK_CHANNEL, hear));
    },
    async stop() {
      for (const end of ends.splice(0)) end();
    },
  };
}
