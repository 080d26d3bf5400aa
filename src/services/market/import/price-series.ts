import { Decimal } from '../../platform/money.ts';
import { ImportError } from './errors.ts';
import {
  canonicalSymbol,
  exchangeOfSymbol,
  type Calendar,
  type Exchange,
  type Session,
} from './exchange.ts';
import { placeOfField, type SourceText } from './json.ts';
import { refuseRepeatedKeys } from './repeated-keys.ts';

/** A bar of the records. Its numbers are texts that `numeric(38, 18)` takes as they are. */
export interface ImportedBar {
  readonly session: Session;
  readonly open: string;
  /** Undefined when the records were taken before the bar was over, and hold the open alone. */
  readonly rest: BarRest | undefined;
}

export interface BarRest {
  readonly high: string;
  readonly low: string;
  readonly close: string;
  readonly volume: string;
}

/** All bars of one symbol in one place of the files. */
export interface PriceSeries {
  /** In its one spelling. */
  readonly symbol: string;
  /** What the files call it, when they do. */
  readonly name: string | undefined;
  readonly exchange: Exchange;
  readonly interval: Session['interval'];
  readonly bars: readonly ImportedBar[];
  /**
   * How many of the bars have 0 as their high and low in the file, and the span of open and close
   * here.
   */
  readonly barsWithoutRange: number;
}

/** The parsed text of one series, and what its place in the files tells of it. */
export interface SeriesSource extends SourceText {
  readonly value: unknown;
  readonly isInCryptoFolder: boolean;
  calendarOf(exchange: Exchange): Calendar;
}

type Fields = Readonly<Record<string, unknown>>;

const META = 'Meta Data';
const INTERVALS: Readonly<Record<string, Session['interval']>> = {
  'Time Series (Daily)': 'DAY_1',
  'Time Series (60min)': 'HOUR_1',
};

/**
 * Reads the bars of one symbol, in the naming of the provider's files (`1. open`, `4. close`) or of
 * the merged ones, which show what a trader may do (`1. buy price`, `4. sell price`); labels and
 * keys in any order. Checks by hand: a schema library takes ten times as long for a bar. Throws
 * ImportError at the place of the wrong field.
 */
export function parsePriceSeries(source: SeriesSource): PriceSeries {
  const record = fieldsOf(source.value, [], source);
  const { symbol, name } = readMeta(record, source);
  const exchange = exchangeOfSymbol(symbol);
  const key = seriesKeyOf(record, source);
  const interval = INTERVALS[key] ?? 'DAY_1';
  const series = fieldsOf(record[key], [key], source);
  const labels = Object.keys(series);
  refuseRepeatedKeys(source, source.value);
  const context = { source, key, interval, calendar: source.calendarOf(exchange) };
  let barsWithoutRange = 0;
  const bars = labels.map((label) => {
    const { bar, hasRange } = readBar(series[label], label, context);
    if (!hasRange) barsWithoutRange += 1;
    return bar;
  });
  return { symbol, name, exchange, interval, bars, barsWithoutRange };
}

const SYMBOL = /^[A-Z0-9][A-Z0-9.-]{0,19}$/;
const NAME_MAX = 200;

function readMeta(
  record: Fields,
  source: SeriesSource,
): {
  symbol: string;
  name: string | undefined;
} {
  const meta = fieldsOf(record[META], [META], source);
  const raw = meta['2. Symbol'];
  if (typeof raw !== 'string' || !SYMBOL.test(raw)) {
    refuse(source, [META, '2. Symbol'], 'This is not a symbol.');
  }
  const information = meta['1. Information'];
  const isDigital = typeof information === 'string' && information.includes('Digital Currency');
  const symbol = canonicalSymbol(raw, {
    isCrypto: isDigital || (source.isInCryptoFolder && !claimsUsZone(meta)),
  });
  const name = meta['2.1. Name'] ?? '';
  // eslint-disable-next-line no-control-regex -- Those are what is looked for.
  if (typeof name !== 'string' || name.length > NAME_MAX || /[\u0000-\u001f]/.test(name)) {
    refuse(source, [META, '2.1. Name'], `A name of up to ${String(NAME_MAX)} letters is expected.`);
  }
  return { symbol, name: name.trim() === '' ? undefined : name.trim() };
}

/** Shares of the US may lie in a folder named after coins; the files of coins claim UTC. */
function claimsUsZone(meta: Fields): boolean {
  const zone = meta['6. Time Zone'] ?? meta['5. Time Zone'];
  return typeof zone === 'string' && zone.startsWith('US/');
}

function seriesKeyOf(record: Fields, source: SeriesSource): string {
  const keys = Object.keys(record).filter((key) => key.startsWith('Time Series'));
  const [key = 'Time Series', second] = keys;
  const known = Object.keys(INTERVALS).map((name) => `"${name}"`);
  if (INTERVALS[key] === undefined) refuse(source, [key], `${known.join(' or ')} is expected.`);
  if (second !== undefined) refuse(source, [second], 'This is a second series of one symbol.');
  return key;
}

interface BarContext {
  readonly source: SeriesSource;
  readonly key: string;
  readonly interval: Session['interval'];
  readonly calendar: Calendar;
}

const FORMS = {
  DAY_1: 'a date of the form YYYY-MM-DD',
  HOUR_1: 'a time of the form YYYY-MM-DD HH:MM:SS',
};

function readBar(value: unknown, label: string, context: BarContext) {
  const { source, key, interval } = context;
  const session = context.calendar.sessionOf(label);
  if (session?.interval !== interval) {
    refuse(source, [key, label], `"${label}" is not ${FORMS[interval]}.`);
  }
  const bar = fieldsOf(value, [key, label], source);
  const read = (field: string) => readNumber(bar[field], [key, label, field], source);
  const open = read('1. open') ?? read('1. buy price');
  const close = read('4. close') ?? read('4. sell price');
  const [high, low, volume] = [read('2. high'), read('3. low'), read('5. volume')];
  const place = [key, label];
  if (open === undefined) {
    refuse(source, place, 'The bar has no open ("1. open" or "1. buy price").');
  }
  if (isZero(open)) refuse(source, place, 'A price is above zero, and the open is not.');
  if (high === undefined && low === undefined && close === undefined && volume === undefined) {
    return { bar: { session, open, rest: undefined }, hasRange: true };
  }
  if (high === undefined || low === undefined || close === undefined || volume === undefined) {
    refuse(source, place, 'The bar lacks a part of itself.');
  }
  if (isZero(close)) refuse(source, [...place, '4. close'], 'A price is above zero.');
  const [lower, upper] = compare(open, close) <= 0 ? [open, close] : [close, open];
  if (isZero(high) && isZero(low)) {
    return {
      bar: { session, open, rest: { high: upper, low: lower, close, volume } },
      hasRange: false,
    };
  }
  if (isZero(low)) refuse(source, [...place, '3. low'], 'A price is above zero.');
  if (compare(low, lower) > 0 || compare(high, upper) < 0) {
    refuse(source, place, 'The open or the close lies outside of low and high.');
  }
  return { bar: { session, open, rest: { high, low, close, volume } }, hasRange: true };
}

/** What the database keeps of a number. */
const NUMBER = /^\d{1,20}(?:\.\d{1,18})?$/;
/** As one file of the real records writes 1,433.33. */
const GROUPED_NUMBER = /^\d{1,3}(?:,\d{3}){1,5}(?:\.\d{1,18})?$/;

function readNumber(
  value: unknown,
  path: readonly string[],
  source: SeriesSource,
): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== 'string') refuse(source, path, 'A number in quotes is expected.');
  if (NUMBER.test(value)) return value;
  if (GROUPED_NUMBER.test(value)) return value.replaceAll(',', '');
  return refuse(source, path, 'This is not a number.');
}

const isZero = (text: string): boolean => !/[1-9]/.test(text);

/** As many digits as a floating-point number tells apart. */
const DOUBLE_DIGITS = 15;

function compare(a: string, b: string): number {
  if (a.length <= DOUBLE_DIGITS && b.length <= DOUBLE_DIGITS) return Number(a) - Number(b);
  return new Decimal(a).comparedTo(b);
}

function fieldsOf(value: unknown, path: readonly string[], source: SeriesSource): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields;
  return refuse(source, path, 'A record in braces is expected.');
}

function refuse(source: SeriesSource, path: readonly string[], reason: string): never {
  const where = path.length === 0 ? '' : `"${path.join(' / ')}": `;
  throw new ImportError(placeOfField(source, path), `${where}${reason}`);
}
