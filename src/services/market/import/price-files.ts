import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ImportError, type FilePlace } from './errors.ts';
import type { Calendar } from './exchange.ts';
import { lineOfField, parseJson } from './json.ts';
import { readLines, readText } from './lines.ts';
import { parseDailySeries, type DailySeries } from './daily-series.ts';

/** The files with prices of one directory, fuller ones first. */
export interface PriceFiles {
  /** One symbol each, in the provider's format: whole bars. */
  readonly raw: readonly string[];
  /** One symbol a line; the newest bar of each may hold the open alone. */
  readonly merged: string | undefined;
  readonly sizeBytes: number;
}

/** The bars of one symbol from one place in the files. */
export interface SourcedSeries extends DailySeries {
  readonly place: FilePlace;
  readonly sizeBytes: number;
}

const RAW_FILE = /^daily_prices_.+\.json$/;
const MERGED_FILE = 'merged.jsonl';

/** Throws ImportError when there is no such directory, or no price file in it. */
export async function findPriceFiles(directory: string): Promise<PriceFiles> {
  const names = await readDirectory(directory);
  const raw = names.filter((name) => RAW_FILE.test(name)).map((name) => join(directory, name));
  const merged = names.includes(MERGED_FILE) ? join(directory, MERGED_FILE) : undefined;
  const files = merged === undefined ? raw : [...raw, merged];
  if (files.length === 0) {
    const reason = `There are no prices here: neither daily_prices_*.json nor ${MERGED_FILE}.`;
    throw new ImportError({ file: directory }, reason);
  }
  const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size));
  return { raw, merged, sizeBytes: sizes.reduce((sum, size) => sum + size, 0) };
}

/** The names in a directory, sorted, without hidden ones. Throws ImportError when there is none. */
export async function readDirectory(directory: string): Promise<readonly string[]> {
  try {
    const names = await readdir(directory);
    return names.filter((name) => !name.startsWith('.')).sort();
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR') throw error;
    throw new ImportError({ file: directory }, 'There is no such directory.');
  }
}

/**
 * Reads the series of all files, one symbol in memory at a time: the provider's files first, so that
 * a whole bar is met before the open alone.
 */
export async function* readPriceSeries(
  files: PriceFiles,
  calendar: Calendar,
): AsyncGenerator<SourcedSeries> {
  for (const file of files.raw) {
    const text = await readText(file);
    const value = parseJson(text, { file });
    const placeOf = (path: readonly string[]) => ({ file, line: lineOfField(text, path) });
    const series = parseDailySeries(value, calendar, placeOf);
    yield { ...series, place: { file }, sizeBytes: Buffer.byteLength(text) };
  }
  if (files.merged === undefined) return;
  const file = files.merged;
  for await (const { number, text, sizeBytes } of readLines(file)) {
    const place = { file, line: number };
    const series = parseDailySeries(parseJson(text, place), calendar, () => place);
    yield { ...series, place, sizeBytes };
  }
}
