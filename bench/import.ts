/**
 * How many megabytes of a trader's positions, and of its logs, an import takes in a second, and how much
 * memory, beside a floor: reading the files and bare JSON.parse of each line.
 *
 *     node bench/import.ts [megabytes] [rounds]
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { openBenchCluster } from './bench-cluster.ts';
import { createAiTraderImporter } from '../src/services/agents/import/ai-trader-importer.ts';
import { createAudit } from '../src/services/audit/audit.ts';
import { createDatabase, type Database } from '../src/services/platform/database.ts';
import { roleUrl } from '../src/services/platform/migrations/roles.ts';
import { createEquityHistory } from '../src/services/portfolio/equity-history.ts';
import { createHistoryBooking } from '../src/services/portfolio/history-booking.ts';
import { writeGeneratedRecords } from '../tests/support/generated-records.ts';
import { createTradingFloor } from '../tests/support/trading-floor.ts';

const MEGABYTE = 1_000_000;
const ROW_BYTES = 1_230;
const OPTIONS = {
  poolSize: 2,
  acquireTimeoutMs: 60_000,
  transactionTimeoutMs: 600_000,
  statementTimeoutMs: 600_000,
};

const [megabytes = 10, rounds = 5] = process.argv.slice(2).map(Number);
const cluster = await openBenchCluster();
try {
  await run();
} finally {
  await cluster.close();
}

async function run(): Promise<void> {
  const owner = new Client({ connectionString: cluster.ownerUrl });
  await owner.connect();
  const worker = createDatabase({
    ...OPTIONS,
    url: roleUrl(cluster.ownerUrl, 'tradegraph_worker'),
  });
  const server = createDatabase({
    ...OPTIONS,
    url: roleUrl(cluster.ownerUrl, 'tradegraph_server'),
  });
  try {
    await measure('positions', { owner, worker, server });
    await measure('logs', { owner, worker, server });
  } finally {
    await server.close();
    await worker.close();
    await owner.end();
  }
}

interface Databases {
  readonly owner: Client;
  readonly worker: Database;
  readonly server: Database;
}

/** Prices are in the database before, so that what is measured is one trader. */
async function measure(kind: 'positions' | 'logs', databases: Databases): Promise<void> {
  const records = join(cluster.folder, kind);
  await writeGeneratedRecords(records, {
    symbols: 100,
    days: 250,
    rows: kind === 'positions' ? Math.ceil((megabytes * MEGABYTE) / ROW_BYTES) : 2,
    logBytes: kind === 'logs' ? megabytes * MEGABYTE : 0,
  });
  const { owner, worker, server } = databases;
  const query = async (sql: string, values: readonly unknown[] = []) =>
    (await owner.query<Record<string, unknown>>(sql, [...values])).rows;
  const floor = createTradingFloor({ server, worker, query });
  const importer = createAiTraderImporter({
    ...floor,
    workerDb: worker,
    audit: createAudit(floor),
    history: createHistoryBooking(floor),
    equityHistory: createEquityHistory(),
  });
  const importFor = async () => {
    const { userId } = await floor.addPerson();
    return importer.import(join(records, 'agent_data'), { ownerUsername: userId });
  };
  const { userId } = await floor.addPerson();
  await importer.import(records, { ownerUsername: userId });

  const rates = { imports: [] as number[], floors: [] as number[] };
  const growths: number[] = [];
  let sizeBytes = 0;
  // In turns, so that what else the machine does falls on both. The one above has warmed up.
  for (let round = 1; round <= rounds; round += 1) {
    const watched = await watch(importFor);
    ({ sizeBytes } = watched.result);
    rates.imports.push(sizeBytes / MEGABYTE / watched.seconds);
    growths.push(watched.growthMb);
    const bare = await watch(() => parseBare(join(records, 'agent_data')));
    rates.floors.push(sizeBytes / MEGABYTE / bare.seconds);
    console.log(`${kind}, round ${round} of ${rounds}`);
  }
  const share = (medianOf(rates.imports) / medianOf(rates.floors)) * 100;
  console.log(`
${kind}: ${(sizeBytes / MEGABYTE).toFixed(1)} MB, median of ${rounds} rounds
import           ${rangeOf(rates.imports)} MB/s
bare JSON.parse  ${rangeOf(rates.floors)} MB/s; the import reaches ${share.toFixed(1)}% of it
memory grew by   ${rangeOf(growths)} MB at its peak
`);
}

async function watch<T>(work: () => Promise<T>) {
  const before = process.memoryUsage.rss();
  let peak = before;
  const timer = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), 10);
  const startedMs = performance.now();
  const result = await work();
  const seconds = (performance.now() - startedMs) / 1_000;
  clearInterval(timer);
  return { result, seconds, growthMb: (peak - before) / MEGABYTE };
}

async function parseBare(records: string): Promise<void> {
  const entries = await readdir(records, { recursive: true, withFileTypes: true });
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    const text = await readFile(join(entry.parentPath, entry.name), 'utf8');
    for (const line of text.split('\n')) if (line !== '') JSON.parse(line);
  }
}

function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}

function rangeOf(values: readonly number[]): string {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return `${medianOf(values).toFixed(1)} (${low.toFixed(1)}–${high.toFixed(1)})`;
}
