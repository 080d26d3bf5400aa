/**
 * What a request costs whatever it asks for: processor time of small operations over HTTP, of the program
 * and of its database. With `--beside`, another checkout of this repository takes its turns in the same
 * run.
 *
 *     node bench/requests.ts --rounds 10 --requests 2000 --clients 10 --beside ../before
 */
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import Table from 'cli-table3';
import { roleUrl } from '../src/services/platform/migrations/roles.ts';
import { openBenchCluster, type BenchCluster } from './bench-cluster.ts';
import { databaseCpuMs } from './bench-cpu.ts';
import { createBenchClient } from './bench-http.ts';
import { medianOf } from './bench-numbers.ts';
import { addCrowd, JWT_SECRET } from './bench-people.ts';
import { startProgram, type BenchProgram } from './bench-program.ts';

/** What is asked: by whom, and what the answer holds if it is the right one. */
const OPERATIONS = {
  'trivial, by nobody': { query: '{ __typename }', holds: '"Query"', isMine: false },
  'trivial, with a token': { query: '{ __typename }', holds: '"Query"', isMine: true },
  viewer: {
    query: '{ viewer { user { id username role } accounts(first: 5) { nodes { name cash } } } }',
    holds: '"cash"',
    isMine: true,
  },
} as const;
type Operation = keyof typeof OPERATIONS;
const WARM_UP_ANSWERS = 8_000;

const { values } = parseArgs({
  options: {
    clients: { type: 'string', default: '10' },
    /** In each round; a time in place of it would give few on a busy machine, and cold ones. */
    requests: { type: 'string', default: '2000' },
    rounds: { type: 'string', default: '10' },
    only: { type: 'string', default: '' },
    beside: { type: 'string' },
    /** Writes a CPU profile of each program into this folder. */
    profile: { type: 'string' },
  },
});
const [clients, requests, rounds] = [values.clients, values.requests, values.rounds].map(
  Number,
) as [number, number, number];

/** Microseconds of processor time of one request. */
interface Figures {
  readonly programUs: number;
  readonly databaseUs: number;
}

const cluster = await openBenchCluster();
try {
  await run(cluster);
} finally {
  await cluster.close();
}

async function run({ ownerUrl }: BenchCluster): Promise<void> {
  const tokens = await addCrowd(ownerUrl, { people: 100, accountsEach: 5, positionsInEach: 1 });
  const programs = new Map<string, BenchProgram>([['the program', await start('program')]]);
  if (values.beside !== undefined) {
    programs.set(`that of ${values.beside}`, await start('beside', path.resolve(values.beside)));
  }
  const operations = (Object.keys(OPERATIONS) as Operation[]).filter((name) =>
    name.includes(values.only),
  );
  const figures = new Map<string, Figures[]>();
  try {
    for (const program of programs.values()) {
      for (const operation of operations) {
        await ask(program, { operation, tokens, count: WARM_UP_ANSWERS });
      }
    }
    // In turns, so that what else the machine does falls on all.
    for (let round = 0; round < rounds; round += 1) {
      for (const operation of operations) {
        for (const [name, program] of programs) {
          const found = await ask(program, { operation, tokens, count: requests });
          const line = `${operation}: ${name}`;
          figures.set(line, [...(figures.get(line) ?? []), found]);
        }
      }
    }
    print(figures);
  } finally {
    await Promise.all([...programs.values()].map((program) => program.stop()));
  }
}

function start(name: string, root?: string): Promise<BenchProgram> {
  const { ownerUrl, folder } = cluster;
  return startProgram({
    urls: {
      owner: ownerUrl,
      worker: roleUrl(ownerUrl, 'tradegraph_worker'),
      server: roleUrl(ownerUrl, 'tradegraph_server'),
    },
    folder,
    ...(root !== undefined && { root }),
    variables: {
      ...{ JWT_SECRET, COST_BUDGET_USER: '1000000000', COST_BUDGET_ANONYMOUS: '1000000000' },
    },
    ...(values.profile !== undefined && {
      nodeOptions: ['--cpu-prof', `--cpu-prof-dir=${path.join(values.profile, name)}`],
    }),
  });
}

interface Question {
  readonly operation: Operation;
  readonly tokens: readonly string[];
  readonly count: number;
}

/** Clients that ask one after the other, each for somebody else at every turn. */
async function ask(
  program: BenchProgram,
  { operation, tokens, count }: Question,
): Promise<Figures> {
  const { query, holds, isMine } = OPERATIONS[operation];
  const body = JSON.stringify({ query });
  let asked = 0;
  const before = await cpuNow(program);
  const client = async (): Promise<void> => {
    const http = createBenchClient(program.url);
    while (asked < count) {
      asked += 1;
      const answer = await http.ask(body, isMine ? tokens[asked % tokens.length] : undefined);
      if (!answer.includes(holds)) throw new Error(`Not what was asked for: ${answer}`);
    }
    http.close();
  };
  await Promise.all(Array.from({ length: clients }, client));
  const after = await cpuNow(program);
  return {
    programUs: ((after.program - before.program) / count) * 1_000,
    databaseUs: ((after.database - before.database) / count) * 1_000,
  };
}

/** Processor time so far, in milliseconds. */
async function cpuNow(program: BenchProgram): Promise<{ program: number; database: number }> {
  return {
    program: await program.cpuMs(),
    database: databaseCpuMs(path.join(cluster.folder, 'postgres')),
  };
}

function print(figures: ReadonlyMap<string, readonly Figures[]>): void {
  const table = new Table({
    head: ['', 'CPU µs of the program', 'best', 'of its database'],
    style: { head: [] },
  });
  for (const [name, found] of figures) {
    table.push([
      name,
      medianOf(found.map(({ programUs }) => programUs)).toFixed(0),
      Math.min(...found.map(({ programUs }) => programUs)).toFixed(0),
      medianOf(found.map(({ databaseUs }) => databaseUs)).toFixed(0),
    ]);
  }
  console.log(table.toString());
  console.log(
    `Of one request, the median and the least of ${rounds} rounds of ${requests}, ${clients} clients.\n` +
      `Load of the machine: ${os.loadavg()[0]?.toFixed(1)} on ${os.availableParallelism()} cores.`,
  );
}
