import { z } from 'zod';
import { derivedId } from '../../platform/derived-id.ts';
import { Decimal } from '../../platform/money.ts';
import { canonicalSymbol } from './exchange.ts';
import { placeInFeed } from './feed-place.ts';
import { checkRecord, parseJson } from './json.ts';
import { readText } from './lines.ts';

/** What an article says of one symbol; so it is stored. The numbers are texts, digit for digit. */
export interface NewsMention {
  /** In the spelling of our instruments, such as `BTC-USDT`. */
  readonly symbol: string;
  /** As the provider writes it, such as `CRYPTO:BTC`. */
  readonly ticker: string;
  /** From 0 to 1. */
  readonly relevance: string;
  /** From −1 (bearish) to 1 (bullish). */
  readonly sentiment: string;
}

export interface ImportedArticle {
  /** The same for the same address and time. */
  readonly id: string;
  readonly publishedAt: Date;
  readonly title: string;
  readonly url: string;
  readonly summary: string;
  readonly source: string;
  /** Of the mentions, each once. */
  readonly symbols: readonly string[];
  /** Of the article as a whole, from −1 to 1, to six decimals. */
  readonly sentiment: Decimal | undefined;
  readonly mentions: readonly NewsMention[];
}

const TITLE_MAX = 1_000;
const URL_MAX = 2_000;
const SUMMARY_MAX = 50_000;
const SOURCE_MAX = 200;
const TICKER_MAX = 40;
const MENTIONS_MAX = 200;

const NO_TEXT = 'There is a letter of code 0, or half a letter, which no database keeps.';

const textOf = (lengthMax: number) =>
  z
    .string('A text is expected.')
    .max(lengthMax, `This is longer than ${String(lengthMax)} letters.`)
    .refine((text) => !text.includes('\0') && text.isWellFormed(), NO_TEXT);

/**
 * Beyond it no score is one; and in plain digits, an exponent of a million would be a million
 * digits.
 */
const SCORE_MAX_EXPONENT = 20;
const SCORE = /^-?\d{1,3}(?:\.\d{1,18})?$/;

/** A number from `least` to 1, in quotes or (as a decimal) without, as its text. */
const scoreOf = (least: number) =>
  z.unknown().transform((value, context) => {
    const text = value instanceof Decimal ? plainScore(value) : value;
    const isInRange = (score: Decimal) =>
      score.greaterThanOrEqualTo(least) && score.lessThanOrEqualTo(1);
    if (typeof text === 'string' && SCORE.test(text) && isInRange(new Decimal(text))) return text;
    const message = `A number from ${String(least)} to 1 is expected.`;
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  });

/** Undefined, too, for what is too large for a decimal: that is infinite, and has no exponent. */
const plainScore = (score: Decimal): string | undefined =>
  Math.abs(score.e) <= SCORE_MAX_EXPONENT ? score.toFixed() : undefined;

const TIME = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)?$/;

const timeField = z.string('A time is expected.').transform((text, context) => {
  const time = parseTime(text);
  if (time) return time;
  context.addIssue({ code: 'custom', message: `"${text}" is not a time such as 20251014T211802.` });
  return z.NEVER;
});

const mentionField = z.object({
  ticker: textOf(TICKER_MAX).min(1),
  relevance_score: scoreOf(0),
  ticker_sentiment_score: scoreOf(-1),
});

const articleField = z.object({
  title: textOf(TITLE_MAX).min(1, 'An article has a title.'),
  url: textOf(URL_MAX).regex(/^https?:\/\/\S+$/, 'This is not the address of a page.'),
  time_published: timeField,
  summary: textOf(SUMMARY_MAX).default(''),
  source: textOf(SOURCE_MAX).default(''),
  overall_sentiment_score: scoreOf(-1).nullish(),
  ticker_sentiment: z.array(mentionField).max(MENTIONS_MAX).default([]),
});

const newsRecord = z.object({ feed: z.array(articleField) });

/**
 * Reads a file of news in the provider's format, whole. Times are UTC; symbols come in upper case
 * and coins in the spelling of our instruments. Throws ImportError with the line of the wrong
 * field.
 */
export async function readNews(file: string): Promise<readonly ImportedArticle[]> {
  const text = await readText(file);
  const value = parseJson(text, { file });
  const { feed } = checkRecord(newsRecord, value, (path) => placeInFeed({ file, text }, path));
  return feed.map((article) => {
    const mentions = article.ticker_sentiment.map(
      ({ ticker, relevance_score: relevance, ticker_sentiment_score: sentiment }) => ({
        symbol: symbolOf(ticker),
        ticker,
        relevance,
        sentiment,
      }),
    );
    const { title, url, summary, source, time_published: publishedAt } = article;
    const score = article.overall_sentiment_score;
    return {
      id: derivedId([url, publishedAt.toISOString()]),
      ...{ publishedAt, title, url, summary, source, mentions },
      symbols: [...new Set(mentions.map(({ symbol }) => symbol))],
      sentiment: typeof score === 'string' ? new Decimal(score).toDecimalPlaces(6) : undefined,
    };
  });
}

const COIN = 'CRYPTO:';

function symbolOf(ticker: string): string {
  const upper = ticker.toUpperCase();
  if (!upper.startsWith(COIN)) return canonicalSymbol(upper, { isCrypto: false });
  return canonicalSymbol(upper.slice(COIN.length), { isCrypto: true });
}

function parseTime(text: string): Date | undefined {
  const [, year, month, day, hour, minute, second = '00'] = TIME.exec(text) ?? [];
  const iso = `${year ?? ''}-${month ?? ''}-${day ?? ''}T${hour ?? ''}:${minute ?? ''}:${second}.000Z`;
  const time = new Date(iso);
  // The 30th of February is read as a day of March.
  return !Number.isNaN(time.getTime()) && time.toISOString() === iso ? time : undefined;
}
