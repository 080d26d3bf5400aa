import { phaseAt, type Timetable } from '../market/calendars/trading-hours.ts';
import { HISTORY_MAX, type QuoteBook } from '../market/quote-book.ts';
import type { Quote } from '../market/quote.ts';
import { Decimal } from '../platform/money.ts';
import type { Instrument } from '../platform/prisma/client.ts';

/** What trading needs of the market. */
export type QuoteSource = Pick<QuoteBook, 'latest' | 'onQuote' | 'recent'>;

/** Younger than this, a quote is good to decide and to fill at (DOMAIN, "Paper fills"). */
export const QUOTE_FRESHNESS_MS = 15_000;

/** When a quote is asked for, and how old it may be. */
interface Moment {
  readonly now: Date;
  readonly freshnessMs: number;
}

/**
 * The quote that an order is judged by: the newest if it is fresh, and while the market is closed
 * the last one, however old it is. What waits for the open is reckoned with the price of the close.
 */
export function quoteToJudgeBy(
  quotes: Pick<QuoteBook, 'latest'>,
  instrument: Timetable & Pick<Instrument, 'id'>,
  moment: Moment,
): Quote | undefined {
  const isClosed = phaseAt(instrument, moment.now)?.isOpen === false;
  return isClosed ? quotes.latest(instrument.id) : freshQuote(quotes, instrument.id, moment);
}

/**
 * The quote that orders fill at: the newest if it is fresh, and quoted since trading last began.
 * None while the market is closed, and none that came before the open.
 */
export function quoteToFillAt(
  quotes: Pick<QuoteBook, 'latest'>,
  instrument: Timetable & Pick<Instrument, 'id'>,
  moment: Moment,
): Quote | undefined {
  const quote = freshQuote(quotes, instrument.id, moment);
  if (!quote) return undefined;
  const phase = phaseAt(instrument, moment.now);
  if (phase?.isOpen !== true) return undefined;
  return phase.since === null || quote.time >= phase.since ? quote : undefined;
}

/** What traded in the minute up to a quote; undefined where no quote of it told. */
export function minuteVolume(
  quotes: Pick<QuoteBook, 'recent'>,
  { instrumentId, time }: Pick<Quote, 'instrumentId' | 'time'>,
): Decimal | undefined {
  const since = time.getTime() - MINUTE_MS;
  const volumes = quotes
    .recent(instrumentId, HISTORY_MAX)
    .filter((quote) => quote.time.getTime() > since && quote.time <= time)
    .flatMap(({ volume }) => (volume ? [volume] : []));
  return volumes.length > 0 ? Decimal.sum(...volumes) : undefined;
}

const MINUTE_MS = 60_000;

/** The newest quote of an instrument, if it is younger than `freshnessMs`. */
export function freshQuote(
  quotes: Pick<QuoteBook, 'latest'>,
  instrumentId: string,
  { now, freshnessMs }: Moment,
): Quote | undefined {
  const quote = quotes.latest(instrumentId);
  if (!quote) return undefined;
  return now.getTime() - quote.time.getTime() < freshnessMs ? quote : undefined;
}
