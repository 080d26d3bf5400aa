import { z } from 'zod';
import { Decimal } from '../../platform/money.ts';
import { ImportError, type FilePlace } from './errors.ts';
import type { Calendar, Session } from './exchange.ts';
import { checkRecord } from './json.ts';

/** A daily bar of the records. */
export interface DailyBar {
  readonly session: Session;
  readonly open: Decimal;
  /** Undefined when the records were taken before the session closed, and hold the open alone. */
  readonly rest: BarRest | undefined;
}

export interface BarRest {
  readonly high: Decimal;
  readonly low: Decimal;
  readonly close: Decimal;
  readonly volume: Decimal;
}

/** All daily bars of one symbol in one file. */
export interface DailySeries {
  readonly symbol: string;
  readonly bars: readonly DailyBar[];
}

/** What the database keeps of a number. */
const NUMBER = /^\d{1,20}(\.\d{1,18})?$/;
const SYMBOL = /^[A-Z0-9][A-Z0-9.-]{0,19}$/;

export const symbolField = z.string().regex(SYMBOL, 'This is not a symbol.');

const numberField = z
  .string('A number in quotes is expected.')
  .regex(NUMBER, 'This is not a number.')
  .transform((text) => new Decimal(text));
const priceField = numberField.refine((price) => price.greaterThan(0), 'A price is above zero.');

/** The two namings: of the provider's files, and of the merged file, which shows what a trader may do. */
const barField = z
  .object({
    '1. open': priceField.optional(),
    '1. buy price': priceField.optional(),
    '2. high': priceField.optional(),
    '3. low': priceField.optional(),
    '4. close': priceField.optional(),
    '4. sell price': priceField.optional(),
    '5. volume': numberField.optional(),
  })
  .transform((bar, context) => {
    const refuse = (message: string): typeof z.NEVER => {
      context.addIssue({ code: 'custom', message });
      return z.NEVER;
    };
    const open = bar['1. open'] ?? bar['1. buy price'];
    const close = bar['4. close'] ?? bar['4. sell price'];
    const [high, low, volume] = [bar['2. high'], bar['3. low'], bar['5. volume']];
    if (!open) return refuse('The bar has no open ("1. open" or "1. buy price").');
    if (!high && !low && !close && !volume) return { open, rest: undefined };
    if (!high || !low || !close || !volume) return refuse('The bar lacks a part of itself.');
    if (low.greaterThan(Decimal.min(open, close)) || high.lessThan(Decimal.max(open, close))) {
      return refuse('The open or the close lies outside of low and high.');
    }
    return { open, rest: { high, low, close, volume } };
  });

const seriesRecord = z.object({
  'Meta Data': z.object({ '2. Symbol': symbolField }),
  'Time Series (Daily)': z.record(z.string(), barField),
});

/**
 * Reads the daily bars of one symbol, in either naming, the days and keys in any order. Throws
 * ImportError at the place that `placeOf` gives for the path of the wrong field.
 */
export function parseDailySeries(
  value: unknown,
  calendar: Calendar,
  placeOf: (path: readonly string[]) => FilePlace,
): DailySeries {
  const record = checkRecord(seriesRecord, value, placeOf);
  const bars = Object.entries(record['Time Series (Daily)']).map(([date, bar]) => {
    const session = calendar.sessionOf(date);
    if (session) return { session, ...bar };
    const place = placeOf(['Time Series (Daily)', date]);
    throw new ImportError(place, `"${date}" is not a date of the form YYYY-MM-DD.`);
  });
  return { symbol: record['Meta Data']['2. Symbol'], bars };
}
