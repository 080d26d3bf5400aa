/**
 * How far the API is from what the machine can do: each read beside its floor in the same run, a server
 * that is written by hand for that read alone. docs/benchmarks.md says what the columns mean.
 *
 *     npm run bench
 *     npm run bench -- --quick
 *     npm run bench -- --measures viewer,orders --rounds 9 --pin --json out.json
 */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import os from 'node:os';
import { parseArgs } from 'node:util';
import { openBenchCluster, type BenchCluster } from './bench-cluster.ts';
import { addReadData } from './read-data.ts';
import { MEASURE_NAMES, measureOf, type MeasureName } from './read-measures.ts';
import { mixInWords, type LoadName } from './read-mix.ts';
import { startPeers } from './read-peers.ts';
import { memoryOf, runAll, type RunOptions } from './read-run.ts';
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
    json: { type: 'string' },
    /** Writes a CPU profile of each server into a folder of its own in this one. */
    profile: { type: 'string' },
  },
});
const FULL = { rounds: 7, seconds: 0.7, warmUpSeconds: 1, latencyRounds: 3 };
const QUICK = { rounds: 1, seconds: 0.1, warmUpSeconds: 0.1, latencyRounds: 1 };
const given = {
  ...(values.quick ? QUICK : FULL),
  ...(values.rounds !== undefined && { rounds: Number(values.rounds) }),
  ...(values.seconds !== undefined && { seconds: Number(values.seconds) }),
};
const options: RunOptions = { ...given, connections: 10, latencyConnections: 50 };
const READERS_OF_QUICK = 3;

if (values.pin) execFileSync('taskset', ['-acp', '1', String(process.pid)]);
const start: StartOptions = { profile: values.profile, ...(values.pin && { core: 0 }) };
const cluster = await openBenchCluster();
const systems: System[] = [];
try {
  await run(cluster);
} finally {
  await Promise.all(systems.map((system) => system.process.stop()));
  await cluster.close();
}

async function run(cluster: BenchCluster): Promise<void> {
  const all = (await addReadData(cluster.ownerUrl)).readers;
  const readers = values.quick ? all.slice(0, READERS_OF_QUICK) : all;
  systems.push(await startFloor(cluster, start));
  systems.push(await startOurs(cluster, start));
  if (values.peers) systems.push(...(await startPeers(cluster, start)));
  const { loads, measures } = wanted();
  const requests = await verify(systems, readers, measures);
  console.log(`${measures.length} answers of ${readers.length} readers are the same everywhere.`);
  const figures = await runAll(requests, loads, options);
  printBesideFloor(figures, options.latencyConnections);
  if (values.peers) printBesidePeers(figures, options.latencyConnections);
  const memory = Object.fromEntries(systems.map((system) => [system.name, memoryOf(system)]));
  printMemory(memory);
  console.log(howMeasured());
  if (values.json !== undefined) {
    const text = JSON.stringify({ options, load: os.loadavg(), figures, memory }, undefined, 2);
    writeFileSync(values.json, `${text}\n`);
  }
}

/** What is put under load, and which measures that takes. */
function wanted(): { loads: readonly LoadName[]; measures: readonly MeasureName[] } {
  const names = values.measures?.split(',') ?? [...MEASURE_NAMES, 'mixed'];
  const loads = [...MEASURE_NAMES, 'mixed' as const].filter((name) => names.includes(name));
  const isNeeded = (name: MeasureName) =>
    loads.includes(name) || (loads.includes('mixed') && measureOf(name).weight > 0);
  return { loads, measures: MEASURE_NAMES.filter(isNeeded) };
}

function howMeasured(): string {
  const { rounds, seconds, connections, latencyConnections } = options;
  return (
    `${connections} connections: medians of ${rounds} rounds of ${seconds} s, in turns; waiting times with ` +
    `${latencyConnections}.\nThe mixed load: ${mixInWords()}.\n` +
    `Load of the machine: ${os.loadavg()[0]?.toFixed(1) ?? ''} on ${os.availableParallelism()} cores` +
    `${values.pin ? ', servers on the first, clients and database on the second' : ''}.`
  );
}
