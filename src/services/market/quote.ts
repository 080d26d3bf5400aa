import { z } from 'zod';
import { Decimal, toText } from '../platform/money.ts';
import { MarketSource } from '../platform/prisma/enums.ts';

/** The best prices of an instrument at a time, and the price it last traded at. */
export interface Quote {
  readonly instrumentId: string;
  readonly symbol: string;
  /** What a seller gets; positive and never above `ask`. */
  readonly bid: Decimal;
  /** What a buyer pays. */
  readonly ask: Decimal;
  readonly last: Decimal;
  /** Quantity that may be sold at `bid`. */
  readonly bidSize: Decimal;
  /** Quantity that may be bought at `ask`. */
  readonly askSize: Decimal;
  /** Quantity that traded since the quote before; absent where the feed does not tell. */
  readonly volume?: Decimal;
  readonly time: Date;
  readonly source: MarketSource;
}

const decimalText = z
  .string()
  .regex(/^\d{1,20}(\.\d{1,18})?$/)
  .transform((text) => new Decimal(text));
const price = decimalText.refine((value) => value.greaterThan(0));

const quoteMessage = z
  .object({
    instrumentId: z.uuid(),
    symbol: z.string().min(1),
    bid: price,
    ask: price,
    last: price,
    bidSize: decimalText,
    askSize: decimalText,
    volume: decimalText.exactOptional(),
    time: z.iso.datetime().transform((text) => new Date(text)),
    source: z.enum(MarketSource),
  })
  .refine(({ bid, ask }) => bid.lessThanOrEqualTo(ask), { path: ['bid'] });

type QuoteMessage = z.input<typeof quoteMessage>;

/** The channel of the bus that carries the quotes of a symbol. */
export const quoteChannel = (symbol: string): string => `quote:${symbol}`;

/** A quote as it travels over the bus: JSON, decimals as plain digits, its time in ISO-8601. */
export function serializeQuote(quote: Quote): string {
  const message: QuoteMessage = {
    instrumentId: quote.instrumentId,
    symbol: quote.symbol,
    bid: toText(quote.bid),
    ask: toText(quote.ask),
    last: toText(quote.last),
    bidSize: toText(quote.bidSize),
    askSize: toText(quote.askSize),
    ...(quote.volume && { volume: toText(quote.volume) }),
    time: quote.time.toISOString(),
    source: quote.source,
  };
  return JSON.stringify(message);
}

/** Throws for what {@link serializeQuote} did not write: that is a bug of the sender. */
export function parseQuote(text: string): Quote {
  return quoteMessage.parse(JSON.parse(text));
}
