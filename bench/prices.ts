/**
 * How many megabytes of price files a second an import takes, and how much memory, beside two floors: the
 * bare INSERT of the same rows, in statements of the same size, and bare JSON.parse of the same texts.
 *
 *     node bench/prices.ts [megabytes] [rounds]
 */
import { appendFile, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { Client } from 'pg';
import { openBenchCluster } from './bench-cluster.ts';
import { readLines } from '../src/services/market/import/lines.ts';
import {
  findPriceFiles,
  readPriceSeries,
  type PriceFiles,
} from '../src/services/market/import/price-files.ts';
import { createPriceImporter } from '../src/services/market/import/price-importer.ts';
import { systemClock } from '../src/services/platform/clock.ts';
import { createDatabase } from '../src/services/platform/database.ts';
import { createIds } from '../src/services/platform/ids.ts';
import { roleUrl } from '../src/services/platform/migrations/roles.ts';
import { systemViewer } from '../src/services/platform/viewer.ts';

const [megabytes = 10, rounds = 5] = process.argv.slice(2).map(Number);
/** Of the importer, and so of the floor. */
const STATEMENT_BARS = 2_000;
const BARS_A_SYMBOL = 100;
const MEGABYTE = 1_000_000;
const RAW = ['1. open', '2. high', '3. low', '4. close', '5. volume'];
const MERGED = ['1. buy price', '2. high', '3. low', '4. sell price', '5. volume'];

const cluster = await openBenchCluster();
try {
  await run();
} finally {
  await cluster.close();
}

async function run(): Promise<void> {
  const owner = new Client({ connectionString: cluster.ownerUrl });
  await owner.connect();
  try {
    for (const naming of ['raw', 'merged'] as const) await measure(owner, naming);
  } finally {
    await owner.end();
  }
}

async function measure(owner: Client, naming: 'raw' | 'merged'): Promise<void> {
  const records = await mkdtemp(join(cluster.folder, `${naming}-`));
  await writeRecords(records, naming);
  const files = await findPriceFiles(records);
  const rates = { imports: [] as number[], inserts: [] as number[], parses: [] as number[] };
  const growths: number[] = [];
  const rateOf = (seconds: number) => files.sizeBytes / MEGABYTE / seconds;
  // The first one warms up. In turns, so that what else the machine does falls on all.
  for (let round = 0; round <= rounds; round += 1) {
    const { seconds, growthMb } = await importFiles(owner, files);
    if (round === 0) continue;
    rates.imports.push(rateOf(seconds));
    growths.push(growthMb);
    rates.inserts.push(rateOf(await insertBare(owner, files)));
    rates.parses.push(rateOf(await parseBare(files)));
    console.log(`${naming}, round ${round} of ${rounds}`);
  }
  const share = (medianOf(rates.imports) / medianOf(rates.inserts)) * 100;
  console.log(`
${naming}: ${(files.sizeBytes / MEGABYTE).toFixed(1)} MB, median of ${rounds} rounds
import        ${rangeOf(rates.imports)} MB/s
bare INSERT   ${rangeOf(rates.inserts)} MB/s; the import reaches ${share.toFixed(0)}% of it
JSON.parse    ${rangeOf(rates.parses)} MB/s
memory grew by ${rangeOf(growths)} MB at its peak
`);
}

/** As many symbols as make `megabytes`, a hundred days each, in one of the two namings. */
async function writeRecords(records: string, naming: 'raw' | 'merged'): Promise<void> {
  const random = createRandom(1);
  for (let bytes = 0, symbol = 0; bytes < megabytes * MEGABYTE; symbol += 1) {
    const name = `S${symbol}`;
    const text = naming === 'raw' ? seriesOf(name, RAW, random, 4) : seriesOf(name, MERGED, random);
    bytes += text.length;
    if (naming === 'raw') await writeFile(join(records, `daily_prices_${name}.json`), text);
    else await appendFile(join(records, 'merged.jsonl'), `${text}\n`);
  }
}

function seriesOf(
  symbol: string,
  keys: readonly string[],
  random: () => number,
  indent?: number,
): string {
  const days: Record<string, Record<string, string>> = {};
  let price = 50 + 200 * random();
  for (let day = 0; day < BARS_A_SYMBOL; day += 1) {
    const date = new Date(Date.UTC(2025, 0, 1 + day)).toISOString().slice(0, 10);
    const close = price * (0.98 + 0.04 * random());
    const [high, low] = [Math.max(price, close) * 1.01, Math.min(price, close) * 0.99];
    const figures = [price, high, low, close].map((figure) => figure.toFixed(4));
    const values = [...figures, String(Math.floor(1e7 * random()))];
    days[date] = Object.fromEntries(keys.map((key, index) => [key, values[index] ?? '']));
    price = close;
  }
  const meta = { '1. Information': 'Daily Prices', '2. Symbol': symbol };
  return JSON.stringify({ 'Meta Data': meta, 'Time Series (Daily)': days }, undefined, indent);
}

/** Numbers from 0 to 1 that are the same in every run (a linear congruential generator). */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32) / 2 ** 32;
}

async function importFiles(owner: Client, files: PriceFiles) {
  await emptyBars(owner);
  await owner.query('DELETE FROM instruments');
  await owner.query('VACUUM ANALYZE instruments');
  const limits = { acquireTimeoutMs: 10_000, transactionTimeoutMs: 600_000 };
  const workerDb = createDatabase({
    url: roleUrl(cluster.ownerUrl, 'tradegraph_worker'),
    poolSize: 1,
    statementTimeoutMs: 600_000,
    ...limits,
  });
  const clock = systemClock;
  const importer = createPriceImporter({ clock, ids: createIds(clock, randomBytes) });
  const before = process.memoryUsage.rss();
  let peak = before;
  const watch = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), 5);
  const startedMs = performance.now();
  await workerDb.withViewer(systemViewer(), (tx) =>
    importer.importSeries(tx, readPriceSeries(files)),
  );
  const seconds = (performance.now() - startedMs) / 1_000;
  clearInterval(watch);
  await workerDb.close();
  return { seconds, growthMb: (peak - before) / MEGABYTE };
}

/** Seconds of the statements alone; the rows of each are read before it. */
async function insertBare(owner: Client, files: PriceFiles): Promise<number> {
  const ids = await owner.query<{ symbol: string; id: string }>(
    'SELECT symbol, id FROM instruments',
  );
  const idOf = new Map(ids.rows.map(({ symbol, id }) => [symbol, id]));
  await emptyBars(owner);
  let seconds = 0;
  const insert = async (rows: readonly string[][]) => {
    const startedMs = performance.now();
    await owner.query(
      `INSERT INTO bars (instrument_id, interval, open_time, known_at, close_time, open, high, low,
         close, volume, source)
       SELECT id, 'DAY_1', opens, closes, closes, open, high, low, close, volume, 'IMPORTED'
       FROM unnest($1::uuid[], $2::timestamptz[], $3::timestamptz[], $4::numeric[], $5::numeric[],
         $6::numeric[], $7::numeric[], $8::numeric[])
         AS given (id, opens, closes, open, high, low, close, volume)`,
      [0, 1, 2, 3, 4, 5, 6, 7].map((column) => rows.map((row) => row[column])),
    );
    seconds += (performance.now() - startedMs) / 1_000;
  };
  await owner.query('BEGIN');
  let rows: string[][] = [];
  for await (const { symbol, bars } of readPriceSeries(files)) {
    for (const { session, open, rest } of bars) {
      const times = [session.openTime.toISOString(), session.closeTime.toISOString()];
      const { high = '', low = '', close = '', volume = '' } = rest ?? {};
      rows.push([idOf.get(symbol) ?? '', ...times, open, high, low, close, volume]);
    }
    if (rows.length < STATEMENT_BARS) continue;
    await insert(rows);
    rows = [];
  }
  await insert(rows);
  await owner.query('COMMIT');
  return seconds;
}

/** Seconds of reading and parsing the same texts, and nothing of what they say. */
async function parseBare(files: PriceFiles): Promise<number> {
  const startedMs = performance.now();
  for (const { file } of files.raw) JSON.parse(await readFile(file, 'utf8'));
  for (const { file } of files.merged) {
    for await (const { text } of readLines(file)) JSON.parse(text);
  }
  return (performance.now() - startedMs) / 1_000;
}

async function emptyBars(owner: Client): Promise<void> {
  await owner.query('ALTER TABLE bars DISABLE TRIGGER append_only');
  await owner.query('TRUNCATE bars');
  await owner.query('ALTER TABLE bars ENABLE TRIGGER append_only');
}

function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

function rangeOf(values: readonly number[]): string {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const median = medianOf(values).toFixed(1).padStart(6);
  return `${median} (${least.toFixed(1)} to ${most.toFixed(1)})`;
}
