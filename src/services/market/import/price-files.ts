import type { FilePlace } from './errors.ts';
import { createCalendar, type Calendar, type Exchange } from './exchange.ts';
import { mayBeJson, readFileHead } from './file-head.ts';
import { findFiles, type FoundFile } from './file-tree.ts';
import { parseQuotedJson } from './json.ts';
import { readLines, readText } from './lines.ts';
import { parsePriceSeries, type PriceSeries } from './price-series.ts';

export interface PriceFile {
  readonly file: string;
  readonly sizeBytes: number;
  /** A folder above it is named after coins, so that its bare symbols are coins. */
  readonly isInCryptoFolder: boolean;
}

/** The files with prices below one directory, fuller ones first. */
export interface PriceFiles {
  /** One symbol each (*.json), in the provider's format: whole bars. */
  readonly raw: readonly PriceFile[];
  /** One symbol a line (*.jsonl); the newest bar of each may hold the open alone. */
  readonly merged: readonly PriceFile[];
  readonly sizeBytes: number;
  /** Named like prices, and in no form that is read. */
  readonly ignoredFiles: readonly string[];
}

/** The bars of one symbol from one place in the files. */
export interface SourcedSeries extends PriceSeries {
  readonly place: FilePlace;
  readonly sizeBytes: number;
}

/** What traders wrote, which may quote anything. */
const FOLDERS_OF_TRADERS: ReadonlySet<string> = new Set(['log', 'position', 'node_modules']);
const FORMAT = /\.jsonl?$/;
const NAMED_LIKE_PRICES = /daily_prices_|merged.*\.jsonl$|_index\.json$|^index_.*\.json$/;
const CRYPTO_FOLDER = /^crypto/i;

/**
 * Finds the price files below a directory by what they begin with, whatever they are called;
 * finding none is no fault, since prices may be there from an earlier import. Throws ImportError
 * when there is no such directory.
 */
export async function findPriceFiles(directory: string): Promise<PriceFiles> {
  const candidates = await findFiles(directory, {
    skippedFolders: FOLDERS_OF_TRADERS,
    wants: (name) => FORMAT.test(name) || NAMED_LIKE_PRICES.test(name),
  });
  const [raw, merged, ignoredFiles] = [[] as PriceFile[], [] as PriceFile[], [] as string[]];
  for (const candidate of candidates) {
    const { file, name, folders } = candidate;
    const { isPrices, sizeBytes } = await recognise(candidate);
    if (isPrices) {
      const isInCryptoFolder = folders.some((folder) => CRYPTO_FOLDER.test(folder));
      (name.endsWith('.json') ? raw : merged).push({ file, sizeBytes, isInCryptoFolder });
    } else if (NAMED_LIKE_PRICES.test(name)) {
      ignoredFiles.push(file);
    }
  }
  const sizes = [...raw, ...merged].map(({ sizeBytes }) => sizeBytes);
  return { raw, merged, ignoredFiles, sizeBytes: sizes.reduce((sum, size) => sum + size, 0) };
}

/**
 * Reads the series of all files, one symbol in memory at a time: the provider's files first, so
 * that a whole bar is met before the open alone, and of two whole ones the provider's.
 */
export async function* readPriceSeries(files: PriceFiles): AsyncGenerator<SourcedSeries> {
  const calendarOf = createCalendars();
  for (const { file, sizeBytes, isInCryptoFolder } of files.raw) {
    const text = await readText(file);
    const value = parseQuotedJson(text, { file });
    const series = parsePriceSeries({ value, text, file, isInCryptoFolder, calendarOf });
    yield { ...series, place: { file }, sizeBytes };
  }
  for (const { file, isInCryptoFolder } of files.merged) {
    for await (const { number: line, text, sizeBytes } of readLines(file)) {
      const value = parseQuotedJson(text, { file, line });
      const series = parsePriceSeries({ value, text, file, line, isInCryptoFolder, calendarOf });
      yield { ...series, place: { file, line }, sizeBytes };
    }
  }
}

function createCalendars(): (exchange: Exchange) => Calendar {
  const calendars = new Map<string, Calendar>();
  return (exchange) => {
    const calendar = calendars.get(exchange.name) ?? createCalendar(exchange);
    calendars.set(exchange.name, calendar);
    return calendar;
  };
}

const SERIES_KEY = '"Time Series (';
const META_KEY = '"Meta Data"';

/**
 * Whether a file holds series of prices. One that ends before it could tell, and is named like
 * prices or begins like them, counts as prices, so that a file cut off is refused and not passed
 * over.
 */
async function recognise({ file, name }: FoundFile) {
  const head = await readFileHead(file);
  const { text, isWhole, sizeBytes } = head;
  const beginsSo = text.includes(SERIES_KEY) || (text.includes(META_KEY) && isWhole);
  const isDamaged = NAMED_LIKE_PRICES.test(name) && !mayBeJson(head);
  return { sizeBytes, isPrices: FORMAT.test(name) && (beginsSo || isDamaged) };
}
