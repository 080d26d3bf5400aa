/**
 * How far the API is from what the machine can do: each read beside its floor in the same run, a server
 * that is written by hand for that read alone. docs/benchmarks.md says what the columns mean.
 *
 *     npm run bench
 *     npm run bench -- --quick
 *     npm run bench -- --peers
 *     npm run bench -- --compare HEAD~5
 *     npm run bench -- --measures viewer,orders --rounds 9 --pin --json out.json
 */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { openBenchCluster, type BenchCluster } from './bench-cluster.ts';
import { checkOut, printComparison } from './read-compare.ts';
import { addReadData, type Reader } from './read-data.ts';
import { measureHeadlines, printHeadlines, type Headline } from './read-headlines.ts';
import { MEASURE_NAMES, measureOf, type MeasureName } from './read-measures.ts';
import { mixInWords, type LoadName } from './read-mix.ts';
import { startPeers } from './read-peers.ts';
import { memoryOf, runAll, type Figures, type RunOptions } from './read-run.ts';
import { startFloor, startOurs, type StartOptions, type System } from './read-systems.ts';
import { printBesideFloor, printBesidePeers, printMemory } from './read-table.ts';
import { verify } from './read-verify.ts';

const { values } = parseArgs({
  options: {
    /** A few seconds, to see that everything works; its figures say little. */
    quick: { type: 'boolean', default: false },
    /** Some of the measures, with commas between them, and `mixed`; all if left out. */
    measures: { type: 'string' },
    rounds: { type: 'string' },
    seconds: { type: 'string' },
    /** Servers on the first core, clients and the database on the second. */
    pin: { type: 'boolean', default: false },
    /** Beside Apollo Server with Prisma, PostGraphile and Mercurius, which are installed on demand. */
    peers: { type: 'boolean', default: false },
    /** Beside the program of another revision, to see what a change has done. */
    compare: { type: 'string' },
    json: { type: 'string' },
    /** Writes a CPU profile of each server into a folder of its own in this one. */
    profile: { type: 'string' },
  },
});
/** A comparison needs more of them, to tell a change from the machine. */
const ROUNDS_TO_COMPARE = 11;
const FULL = { rounds: 7, seconds: 0.7, warmUpSeconds: 1, latencyRounds: 3 };
const QUICK = { rounds: 1, seconds: 0.05, warmUpSeconds: 0.05, latencyRounds: 1 };
const given = {
  ...(values.quick ? QUICK : FULL),
  ...(values.compare !== undefined && !values.quick && { rounds: ROUNDS_TO_COMPARE }),
  ...(values.rounds !== undefined && { rounds: Number(values.rounds) }),
  ...(values.seconds !== undefined && { seconds: Number(values.seconds) }),
};
const options: RunOptions = { ...given, connections: 10, latencyConnections: 50 };
const READERS_OF_QUICK = 3;
const BEFORE = 'before';

if (values.pin) {
  // Whatever this process starts stays on its core, unless it says otherwise.
  execFileSync('taskset', ['-acp', '1', String(process.pid)], { stdio: 'ignore' });
}
const start: StartOptions = { profile: values.profile, ...(values.pin && { core: 0 }) };
const cluster = await openBenchCluster();
let before: BenchCluster | undefined;
const systems: System[] = [];
try {
  await run(cluster);
} finally {
  await Promise.all(systems.map((system) => system.process.stop()));
  await before?.close();
  await cluster.close();
}

async function run(cluster: BenchCluster): Promise<void> {
  const readers = await addReaders(cluster);
  if (values.compare === undefined) {
    systems.push(await startFloor(cluster, start));
    systems.push(await startOurs(cluster, start));
    if (values.peers) systems.push(...(await startPeers(cluster, start)));
  } else {
    systems.push(await startBefore(values.compare));
    systems.push(await startOurs(cluster, start));
  }
  const { loads, measures } = wanted();
  const requests = await verify(systems, readers, measures);
  console.log(`${measures.length} answers to ${readers.length} readers are the same of all.`);
  const figures = await runAll(requests, loads, options);
  const memory = Object.fromEntries(systems.map((system) => [system.name, memoryOf(system)]));
  const headlines = await print(figures);
  printMemory(memory);
  console.log(howMeasured(loads));
  if (values.json !== undefined) {
    const all = { options, load: os.loadavg(), figures, memory, headlines };
    writeFileSync(values.json, `${JSON.stringify(all, undefined, 2)}\n`);
  }
}

async function addReaders({ ownerUrl }: BenchCluster): Promise<readonly Reader[]> {
  const { readers } = await addReadData(ownerUrl);
  return values.quick ? readers.slice(0, READERS_OF_QUICK) : readers;
}

/** With a database of its own, which has the tables of then. */
async function startBefore(revision: string): Promise<System> {
  const root = path.join(cluster.folder, 'before');
  checkOut(revision, root);
  before = await openBenchCluster(path.join(root, 'prisma/migrations'));
  await addReaders(before);
  return startOurs(before, start, { name: BEFORE, root });
}

async function print(figures: readonly Figures[]): Promise<readonly Headline[]> {
  const { latencyConnections, connections, seconds } = options;
  if (values.compare !== undefined) {
    printComparison(figures, BEFORE, 'ours');
    return [];
  }
  printBesideFloor(figures, latencyConnections);
  if (values.peers) printBesidePeers(figures, latencyConnections);
  const ours = systems.find(({ name }) => name === 'ours');
  const headlines = ours ? await measureHeadlines(ours, figures, { seconds, connections }) : [];
  printHeadlines(headlines);
  return headlines;
}

/** What is put under load, and which measures that takes. */
function wanted(): { loads: readonly LoadName[]; measures: readonly MeasureName[] } {
  const names = values.measures?.split(',') ?? [...MEASURE_NAMES, 'mixed'];
  const loads = [...MEASURE_NAMES, 'mixed' as const].filter((name) => names.includes(name));
  const isNeeded = (name: MeasureName) =>
    loads.includes(name) || (loads.includes('mixed') && measureOf(name).weight > 0);
  return { loads, measures: MEASURE_NAMES.filter(isNeeded) };
}

function howMeasured(loads: readonly LoadName[]): string {
  const { rounds, seconds, connections, latencyConnections } = options;
  return (
    `${connections} connections: medians of ${rounds} rounds of ${seconds} s, in turns; waiting times with ` +
    `${latencyConnections}.\n` +
    (loads.includes('mixed') ? `The mixed load: ${mixInWords()}.\n` : '') +
    `Load of the machine: ${os.loadavg()[0]?.toFixed(1) ?? ''} on ${os.cpus().length} cores` +
    `${values.pin ? ', servers on the first, clients and database on the second' : ''}.`
  );
}
