import type { QuoteBook } from '../market/quote-book.ts';
import type { Quote } from '../market/quote.ts';

/** What trading needs of the market. */
export type QuoteSource = Pick<QuoteBook, 'latest' | 'onQuote'>;

/** Younger than this, a quote is good to decide and to fill at (DOMAIN, "Paper fills"). */
export const QUOTE_FRESHNESS_MS = 15_000;

/** The newest quote of an instrument, if it is younger than `freshnessMs`. */
export function freshQuote(
  quotes: Pick<QuoteBook, 'latest'>,
  instrumentId: string,
  { now, freshnessMs }: { readonly now: Date; readonly freshnessMs: number },
): Quote | undefined {
  const quote = quotes.latest(instrumentId);
  if (!quote) return undefined;
  return now.getTime() - quote.time.getTime() < freshnessMs ? quote : undefined;
}
