/**
 * What the walls of the database cost over the whole HTTP path: how many queries a second ten clients
 * get answered, with row-level security as it is shipped; without it, in the same transactions, by a
 * role that it lets pass; and with everything off: that role, no transaction and no viewer. Each way
 * is a server in a process of its own over one database, asked in turns by this process.
 *
 *     npm run bench:walls -- --rounds 20 --seconds 1 --clients 10
 */
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import Table from 'cli-table3';
import { Client } from 'pg';
import { roleUrl } from '../src/services/platform/migrations/roles.ts';
import { openBenchCluster, type BenchCluster } from './bench-cluster.ts';
import { databaseCpuMs } from './bench-cpu.ts';
import { createBenchClient } from './bench-http.ts';
import { medianOf, percent } from './bench-numbers.ts';
import { addCrowd, JWT_SECRET } from './bench-people.ts';
import { startProgram, type BenchProgram } from './bench-program.ts';

const QUERY = `{ viewer { accounts(first: 5) { edges { node { name cash
  positions(first: 10) { edges { node { quantity instrument { symbol } } } } } } } } }`;
const BODY = JSON.stringify({ query: QUERY });
/** 1,000 people with 100,000 positions. */
const CROWD = { people: 1_000, accountsEach: 5, positionsInEach: 20 };
const POSITIONS_ANSWERED = 50;
/** So that what is measured has been compiled. */
const WARM_UP_ANSWERS = 1_000;

const { values } = parseArgs({
  options: {
    clients: { type: 'string', default: '10' },
    seconds: { type: 'string', default: '1' },
    rounds: { type: 'string', default: '20' },
    /** Writes a CPU profile of each server into this folder. */
    profile: { type: 'string' },
  },
});
const [clients, seconds, rounds] = [values.clients, values.seconds, values.rounds].map(Number) as [
  number,
  number,
  number,
];

const WAYS = ['on', 'passed', 'bare'] as const;
type Way = (typeof WAYS)[number];
const TITLES: Readonly<Record<Way, string>> = {
  on: 'as shipped: row-level security on',
  passed: 'row-level security off, same transactions',
  bare: 'everything off: no transaction, no viewer',
};

interface Figures {
  readonly answered: number;
  readonly seconds: number;
  /** Milliseconds of processor time. */
  readonly serverMs: number;
  readonly databaseMs: number;
}

const cluster = await openBenchCluster();
try {
  await run();
} finally {
  await cluster.close();
}

async function run(): Promise<void> {
  const tokens = await addCrowd(cluster.ownerUrl, CROWD);
  const programs = await startAll(cluster);
  try {
    const figures = new Map<Way, Figures[]>(WAYS.map((way) => [way, []]));
    const isWarm = (answered: number) => answered >= WARM_UP_ANSWERS;
    await Promise.all(WAYS.map((way) => measure(programs[way], tokens, isWarm)));
    // In turns, so that what else the machine does falls on all.
    for (let round = 0; round < rounds; round += 1) {
      for (const way of WAYS) {
        const endMs = performance.now() + seconds * 1_000;
        const isOver = () => performance.now() >= endMs;
        figures.get(way)?.push(await measure(programs[way], tokens, isOver));
      }
      console.log(`round ${round + 1} of ${rounds}`);
    }
    print(figures);
  } finally {
    await Promise.all(Object.values(programs).map((program) => program.stop()));
  }
}

async function startAll({ ownerUrl, folder }: BenchCluster): Promise<Record<Way, BenchProgram>> {
  const server = roleUrl(ownerUrl, 'tradegraph_server');
  const worker = roleUrl(ownerUrl, 'tradegraph_worker');
  const past = await addRolePastWalls(ownerUrl);
  const program = (way: Way) =>
    startProgram({
      urls: { owner: ownerUrl, worker, server: way === 'on' ? server : past },
      folder,
      isBare: way === 'bare',
      variables: { JWT_SECRET, COST_BUDGET_USER: '1000000000' },
      ...(values.profile !== undefined && {
        nodeOptions: ['--cpu-prof', `--cpu-prof-dir=${path.join(values.profile, way)}`],
      }),
    });
  const [on, passed, bare] = await Promise.all([program('on'), program('passed'), program('bare')]);
  return { on, passed, bare };
}

/** A role that may do what the server's may, and that row-level security does not hold back. */
async function addRolePastWalls(ownerUrl: string): Promise<string> {
  const owner = new Client({ connectionString: ownerUrl });
  await owner.connect();
  await owner.query(`CREATE ROLE past_walls LOGIN BYPASSRLS PASSWORD 'bench'`);
  await owner.query('GRANT tradegraph_server TO past_walls');
  await owner.end();
  const url = new URL(ownerUrl);
  url.username = 'past_walls';
  url.password = 'bench';
  return url.href;
}

/** Clients that ask one after the other, each for somebody else at every turn. */
async function measure(
  program: BenchProgram,
  tokens: readonly string[],
  isOver: (answered: number) => boolean,
): Promise<Figures> {
  let asked = 0;
  let answered = 0;
  const cpuBefore = await cpuNow(program);
  const startedMs = performance.now();
  const client = async (): Promise<void> => {
    const http = createBenchClient(program.url);
    while (!isOver(answered)) {
      asked += 1;
      const answer = await http.ask(BODY, tokens[asked % tokens.length]);
      const positions = answer.split('"quantity"').length - 1;
      if (positions !== POSITIONS_ANSWERED) throw new Error(`Not what was asked for: ${answer}`);
      answered += 1;
    }
    http.close();
  };
  await Promise.all(Array.from({ length: clients }, client));
  const seconds = (performance.now() - startedMs) / 1_000;
  const cpuAfter = await cpuNow(program);
  return {
    answered,
    seconds,
    serverMs: cpuAfter.server - cpuBefore.server,
    databaseMs: cpuAfter.database - cpuBefore.database,
  };
}

/** Processor time so far, in milliseconds. */
async function cpuNow(program: BenchProgram): Promise<{ server: number; database: number }> {
  return {
    server: await program.cpuMs(),
    database: databaseCpuMs(path.join(cluster.folder, 'postgres')),
  };
}

function print(figures: ReadonlyMap<Way, readonly Figures[]>): void {
  const table = new Table({
    head: ['', 'queries/s', 'of off', 'CPU ms of server', 'of PostgreSQL', 'both, of off'],
    style: { head: [] },
  });
  const rateOf = ({ answered, seconds }: Figures) => answered / seconds;
  const bare = figures.get('bare') ?? [];
  for (const [way, found] of figures) {
    const shares = found.map((figure, round) => {
      const off = bare[round];
      return off ? rateOf(figure) / rateOf(off) : NaN;
    });
    table.push([
      TITLES[way],
      medianOf(found.map(rateOf)).toFixed(0),
      percent(medianOf(shares)),
      eachMs(found, 'serverMs').toFixed(2),
      eachMs(found, 'databaseMs').toFixed(2),
      percent(allMs(found) / allMs(bare)),
    ]);
  }
  console.log(table.toString());
  console.log(
    `${clients} clients, ${rounds} rounds of ${seconds} s: the median, and the median of the rounds' shares;\n` +
      `processor time for each query, and its share, of all rounds. "Off" is everything off.\n` +
      `Load of the machine: ${os.loadavg()[0]?.toFixed(1)} on ${os.availableParallelism()} cores.`,
  );
}

/** Of one query. */
function eachMs(figures: readonly Figures[], of: 'serverMs' | 'databaseMs'): number {
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  return sum(figures.map((figure) => figure[of])) / sum(figures.map(({ answered }) => answered));
}

function allMs(figures: readonly Figures[]): number {
  return eachMs(figures, 'serverMs') + eachMs(figures, 'databaseMs');
}
