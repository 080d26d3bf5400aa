/**
 * Log-ins a second at the full cost of a password, beside a floor, bare argon2 hashes a second of as
 * many callers; and how long a query of a viewer takes while twenty people log in all the time, beside
 * one while nobody does. The server is a process of its own; this one is its clients.
 *
 *     npm run bench:log-ins -- --rounds 5 --seconds 4 --log-ins 20
 */
import os from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import argon2 from 'argon2';
import Table from 'cli-table3';
import { Client } from 'pg';
import { roleUrl } from '../src/services/platform/migrations/roles.ts';
import { openBenchCluster, type BenchCluster } from './bench-cluster.ts';
import { createBenchClient } from './bench-http.ts';
import { medianOf, percent, quantileOf } from './bench-numbers.ts';
import { addCrowd, JWT_SECRET } from './bench-people.ts';
import { startProgram, type BenchProgram } from './bench-program.ts';

const QUERY = `{ viewer { accounts(first: 5) { edges { node { name cash
  positions(first: 10) { edges { node { quantity instrument { symbol } } } } } } } } }`;
const CROWD = { people: 100, accountsEach: 5, positionsInEach: 20 };
const PASSWORD = 'correct horse battery staple';
/** OWASP's parameters, which are the default of the program. */
const COST = { type: argon2.argon2id, memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;
/** Far fewer queries than the server can answer: what they wait for is the log-ins. */
const QUERY_CLIENTS = 2;
const QUERY_PAUSE_MS = 20;
const WARM_UP_SECONDS = 5;

const { values } = parseArgs({
  options: {
    'log-ins': { type: 'string', default: '20' },
    seconds: { type: 'string', default: '4' },
    rounds: { type: 'string', default: '6' },
  },
});
const [logIns, seconds, rounds] = [values['log-ins'], values.seconds, values.rounds].map(
  Number,
) as [number, number, number];

/** Of one round. */
interface Figures {
  readonly hashesPerSecond: number;
  readonly logInsPerSecond: number;
  readonly idleMs: readonly number[];
  readonly busyMs: readonly number[];
}

const cluster = await openBenchCluster();
try {
  await run();
} finally {
  await cluster.close();
}

async function run(): Promise<void> {
  const tokens = await addCrowd(cluster.ownerUrl, CROWD);
  const hash = await givePasswords(cluster.ownerUrl);
  const program = await start(cluster);
  try {
    await measureBusy(program, tokens, WARM_UP_SECONDS);
    const figures: Figures[] = [];
    // In turns, so that what else the machine does falls on all.
    for (let round = 0; round < rounds; round += 1) {
      const hashesPerSecond = await measureFloor(hash);
      const idleMs = await measureQueries(program, tokens, seconds);
      figures.push({ hashesPerSecond, idleMs, ...(await measureBusy(program, tokens, seconds)) });
      console.log(`round ${round + 1} of ${rounds}`);
    }
    print(figures);
  } finally {
    await program.stop();
  }
}

/** One and the same to all: only what it costs to look at matters. */
async function givePasswords(ownerUrl: string): Promise<string> {
  const hash = await argon2.hash(PASSWORD, COST);
  const owner = new Client({ connectionString: ownerUrl });
  await owner.connect();
  await owner.query('UPDATE users SET password_hash = $1', [hash]);
  await owner.end();
  return hash;
}

function start({ ownerUrl, folder }: BenchCluster): Promise<BenchProgram> {
  return startProgram({
    urls: {
      owner: ownerUrl,
      server: roleUrl(ownerUrl, 'tradegraph_server'),
      worker: roleUrl(ownerUrl, 'tradegraph_worker'),
    },
    folder,
    variables: {
      JWT_SECRET,
      COST_BUDGET_USER: '1000000000',
      COST_BUDGET_ANONYMOUS: '1000000000',
      LOG_IN_LIMIT_PER_ADDRESS: '1000000',
    },
  });
}

/** Bare looks at a hash, by as many callers as there are log-ins, while the server has nothing to do. */
async function measureFloor(hash: string): Promise<number> {
  const { isOver, perSecond } = startWatch(seconds);
  let done = 0;
  await together(logIns, async () => {
    while (!isOver()) {
      await argon2.verify(hash, PASSWORD);
      done += 1;
    }
  });
  return perSecond(done);
}

/** How long each query took, in milliseconds. */
async function measureQueries(
  program: BenchProgram,
  tokens: readonly string[],
  forSeconds: number,
): Promise<number[]> {
  const { isOver } = startWatch(forSeconds);
  const body = JSON.stringify({ query: QUERY });
  const tookMs: number[] = [];
  await together(QUERY_CLIENTS, async () => {
    const http = createBenchClient(program.url);
    while (!isOver()) {
      const sentMs = performance.now();
      await http.ask(body, tokens[tookMs.length % tokens.length]);
      tookMs.push(performance.now() - sentMs);
      await delay(QUERY_PAUSE_MS);
    }
    http.close();
  });
  return tookMs;
}

async function measureBusy(
  program: BenchProgram,
  tokens: readonly string[],
  forSeconds: number,
): Promise<{ logInsPerSecond: number; busyMs: readonly number[] }> {
  const { isOver, perSecond } = startWatch(forSeconds);
  let done = 0;
  const logInAgainAndAgain = async (number: number): Promise<void> => {
    const http = createBenchClient(program.url);
    for (let turn = number; !isOver(); turn += logIns) {
      const login = `person_${String((turn % CROWD.people) + 1)}`;
      const query = `mutation { logIn(input: { login: "${login}", password: "${PASSWORD}" }) {
        __typename } }`;
      const answer = await http.ask(JSON.stringify({ query }));
      if (!answer.includes('LogInSuccess')) throw new Error(`No log-in: ${answer}`);
      done += 1;
    }
    http.close();
  };
  const logged = together(logIns, logInAgainAndAgain).then(() => perSecond(done));
  const busyMs = await measureQueries(program, tokens, forSeconds);
  return { logInsPerSecond: await logged, busyMs };
}

async function together(count: number, work: (number: number) => Promise<void>): Promise<void> {
  await Promise.all(Array.from({ length: count }, (_, number) => work(number)));
}

function startWatch(forSeconds: number) {
  const startedMs = performance.now();
  const passed = () => (performance.now() - startedMs) / 1_000;
  return {
    isOver: () => passed() >= forSeconds,
    perSecond: (done: number) => done / passed(),
  };
}

function print(figures: readonly Figures[]): void {
  const hashes = medianOf(figures.map(({ hashesPerSecond }) => hashesPerSecond));
  const done = medianOf(figures.map(({ logInsPerSecond }) => logInsPerSecond));
  const table = new Table({ head: ['', 'p50 ms', 'p99 ms', 'queries'], style: { head: [] } });
  const lines = {
    'viewer query, nobody logs in': figures.flatMap(({ idleMs }) => idleMs),
    [`viewer query while ${logIns} log in`]: figures.flatMap(({ busyMs }) => busyMs),
  };
  for (const [title, sample] of Object.entries(lines)) {
    const [p50, p99] = [0.5, 0.99].map((share) => quantileOf(sample, share).toFixed(1));
    table.push([title, p50, p99, sample.length]);
  }
  console.log(`
${done.toFixed(1)} log-ins/s, ${percent(done / hashes)} of ${hashes.toFixed(1)} bare hashes/s of ${logIns} callers on all threads`);
  console.log(table.toString());
  console.log(
    `${rounds} rounds of ${seconds} s. Load of the machine: ${os.loadavg()[0]?.toFixed(1)} on ` +
      `${os.availableParallelism()} cores.`,
  );
}
