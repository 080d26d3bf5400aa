/**
 * What it costs to bring news to many sockets, beside two floors in the same run: plain `ws` that
 * broadcasts a ready string, and Yoga with graphql-ws as documented. Each server runs in a process of
 * its own, the clients in another.
 *
 *     node bench/fan-out.ts --rounds 3 --seconds 5 --clients 1000 --idle 5000 [--only public]
 *
 * Parts: `public` (one topic, more than can be sent), `offered` (one topic, 10,000 deliveries a
 * second), `private` (a topic for each, 1,000 events a second in all), `idle`, `storm`, `stalled`.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import Table from 'cli-table3';
import { Client } from 'pg';
import { roleUrl } from '../src/services/platform/migrations/roles.ts';
import { openBenchCluster } from './bench-cluster.ts';
import { createBenchClient } from './bench-http.ts';
import { medianOf, quantileOf } from './bench-numbers.ts';
import { addCrowd } from './bench-people.ts';
import type { Owner, ServerKind, ServerOptions } from './fan-out-messages.ts';
import { partsFor, watching, type Crowd, type Part } from './fan-out-parts.ts';
import { launchClients, launchServer, type ServerProcess } from './fan-out-processes.ts';
import { measureStalled } from './fan-out-stalled.ts';

const { values } = parseArgs({
  options: {
    clients: { type: 'string', default: '1000' },
    idle: { type: 'string', default: '5000' },
    seconds: { type: 'string', default: '5' },
    rounds: { type: 'string', default: '3' },
    only: { type: 'string', default: '' },
    /** Which servers. */
    kinds: { type: 'string', default: 'ws,recipe,program' },
    /** Writes a CPU profile of each server into this folder. */
    profile: { type: 'string' },
  },
});
const [clients, idle, seconds, rounds] = [
  values.clients,
  values.idle,
  values.seconds,
  values.rounds,
].map(Number) as [number, number, number, number];
const kinds = values.kinds.split(',') as ServerKind[];
/** Until the code of all that is measured is compiled, which costs as much as what it does. */
const WARM_UP_MS = 10_000;
const WARM_UP_CLIENTS = 100;
const MICROSECONDS = 1_000;

const NAMES: Readonly<Record<ServerKind, string>> = {
  ws: 'floor: plain ws',
  recipe: 'floor: Yoga and graphql-ws',
  program: 'this',
};

interface Figures {
  readonly perSecond: number;
  readonly cpuMicros: number;
  readonly p50: number;
  readonly p99: number;
  readonly residentMiB: number;
}

const cluster = await openBenchCluster();
try {
  const crowd = await makeCrowd();
  for (const part of partsFor(clients)) if (isAsked(part.name)) await measurePart(part, crowd);
  if (isAsked('idle')) await measureIdle(crowd);
  if (isAsked('storm')) await measureStorm(crowd);
  if (isAsked('stalled')) await measureStalled(optionsOf('program', crowd));
} finally {
  await cluster.close();
}

function isAsked(name: string): boolean {
  return values.only === '' || values.only.split(',').includes(name);
}

/** A person with an account for each client. */
async function makeCrowd(): Promise<Crowd> {
  const tokens = await addCrowd(cluster.ownerUrl, {
    people: clients,
    accountsEach: 1,
    positionsInEach: 0,
  });
  const owner = new Client({ connectionString: cluster.ownerUrl });
  await owner.connect();
  const { rows } = await owner.query<Owner>(
    'SELECT owner_id AS "userId", id AS "accountId" FROM accounts',
  );
  await owner.end();
  const accountOf = new Map(rows.map((row) => [row.userId, row]));
  return {
    tokens,
    owners: tokens.map((token) => accountOf.get(subjectOf(token)) as Owner),
  };
}

function subjectOf(token: string): string {
  const [, body = ''] = token.split('.');
  return (JSON.parse(Buffer.from(body, 'base64url').toString()) as { sub: string }).sub;
}

function optionsOf(kind: ServerKind, { owners }: Crowd): ServerOptions {
  const { ownerUrl, folder } = cluster;
  const server = roleUrl(ownerUrl, 'tradegraph_server');
  const worker = roleUrl(ownerUrl, 'tradegraph_worker');
  return { kind, folder, owners, database: { owner: ownerUrl, server, worker } };
}

async function measurePart(part: Part, crowd: Crowd): Promise<void> {
  const figures = new Map<ServerKind, Figures[]>(kinds.map((kind) => [kind, []]));
  // In turns, so that what else the machine does falls on all.
  for (let round = 0; round < rounds; round += 1) {
    for (const kind of kinds) figures.get(kind)?.push(await measureOnce(part, kind, crowd));
  }
  const table = new Table({
    head: [part.title, 'deliveries/s', 'CPU µs each', 'p50 ms', 'p99 ms', 'memory MiB'],
    style: { head: [] },
  });
  for (const [kind, found] of figures) {
    const median = (of: (one: Figures) => number, digits: number) =>
      medianOf(found.map(of)).toFixed(digits);
    table.push([
      NAMES[kind],
      median(({ perSecond }) => perSecond, 0),
      median(({ cpuMicros }) => cpuMicros, 1),
      median(({ p50 }) => p50, 1),
      median(({ p99 }) => p99, 1),
      median(({ residentMiB }) => residentMiB, 0),
    ]);
  }
  console.log(table.toString());
}

async function measureOnce(part: Part, kind: ServerKind, crowd: Crowd): Promise<Figures> {
  const server = await launchServer(optionsOf(kind, crowd), profiling(kind));
  const subscribers = await launchClients();
  try {
    await subscribers.connect({
      ...{ port: server.port, count: clients, atOnce: 50 },
      ...part.order(kind, crowd),
    });
    // Whoever begins with the present has begun when that has come.
    let begun = kind === 'program' && part.name === 'private' ? 0 : clients;
    while (begun < clients) {
      begun += (await subscribers.count()).messages;
      await delay(100);
    }
    server.offer(part.offer(kind));
    await delay(WARM_UP_MS);
    await subscribers.count();
    const before = await server.report();
    const startedMs = performance.now();
    await delay(seconds * 1_000);
    const after = await server.report();
    const { messages, agesMs } = await subscribers.count();
    const passedMs = performance.now() - startedMs;
    return {
      perSecond: (messages / passedMs) * 1_000,
      cpuMicros: ((after.cpuMs - before.cpuMs) / messages) * MICROSECONDS,
      p50: quantileOf(agesMs, 0.5),
      p99: quantileOf(agesMs, 0.99),
      residentMiB: after.residentBytes / 2 ** 20,
    };
  } finally {
    await subscribers.stop();
    await server.stop();
  }
}

function profiling(kind: ServerKind): string[] {
  if (values.profile === undefined) return [];
  return ['--cpu-prof', `--cpu-prof-dir=${values.profile}/${kind}`];
}

/** What a connection that subscribes to a silent symbol keeps of memory. */
async function measureIdle(crowd: Crowd): Promise<void> {
  const table = new Table({
    head: [`${idle} idle subscriptions`, 'memory KiB each', 'heap KiB each'],
    style: { head: [] },
  });
  for (const kind of kinds) {
    const server = await launchServer(optionsOf(kind, crowd), ['--expose-gc']);
    const subscribers = await launchClients();
    const order = { ...watching(1), port: server.port, atOnce: 50 };
    try {
      // The first ones pay for what all of them share.
      await subscribers.connect({ ...order, count: 100 });
      const before = await settled(server);
      await subscribers.connect({ ...order, count: idle });
      const after = await settled(server);
      const each = (bytes: number) => (bytes / idle / 1_024).toFixed(1);
      table.push([
        NAMES[kind],
        each(after.residentBytes - before.residentBytes),
        each(after.heapBytes - before.heapBytes),
      ]);
    } finally {
      await subscribers.stop();
      await server.stop();
    }
  }
  console.log(table.toString());
}

async function settled(server: ServerProcess) {
  await delay(2_000);
  await server.report();
  return server.report();
}

interface Storm {
  readonly connectedMs: number;
  readonly servedMs: number;
  readonly cpuMs: number;
  readonly p50: number;
  readonly p99: number;
  readonly calmP99: number;
}

/** How long a thousand take to connect at once, and what queries beside them feel. */
async function measureStorm(crowd: Crowd): Promise<void> {
  const storms: Storm[] = [];
  for (let round = 0; round < rounds; round += 1) storms.push(await stormOnce(crowd));
  const median = (of: (storm: Storm) => number, digits: number) =>
    medianOf(storms.map(of)).toFixed(digits);
  const table = new Table({
    head: [
      ...[`${clients} connect at once`, 'all subscribed ms', 'all served ms', 'CPU ms'],
      ...['query p50 ms', 'p99 ms', 'p99 before'],
    ],
    style: { head: [] },
  });
  table.push([
    'private streams, with tokens',
    median(({ connectedMs }) => connectedMs, 0),
    median(({ servedMs }) => servedMs, 0),
    median(({ cpuMs }) => cpuMs, 0),
    median(({ p50 }) => p50, 1),
    median(({ p99 }) => p99, 1),
    median(({ calmP99 }) => calmP99, 1),
  ]);
  console.log(table.toString());
}

/** The storm is over when each has got its present state. */
async function stormOnce(crowd: Crowd): Promise<Storm> {
  const server = await launchServer(optionsOf('program', crowd), profiling('program'));
  const subscribers = await launchClients();
  const http = createBenchClient(`http://localhost:${server.port}/graphql`);
  const [token] = crowd.tokens;
  const body = JSON.stringify({ query: '{ viewer { user { username } } }' });
  const answersMs: number[] = [];
  let isOver = false;
  const queries = async (): Promise<void> => {
    while (!isOver) {
      const sentMs = performance.now();
      await http.ask(body, token);
      answersMs.push(performance.now() - sentMs);
      await delay(5);
    }
  };
  const served = async (count: number): Promise<void> => {
    for (let got = 0; got < count; got += (await subscribers.count()).messages) await delay(10);
  };
  try {
    const part = partsFor(clients).find(({ name }) => name === 'private');
    if (!part) throw new Error('There is no private part.');
    const order = { ...part.order('program', crowd), port: server.port };
    await subscribers.connect({ ...order, count: WARM_UP_CLIENTS, atOnce: 10 });
    await served(WARM_UP_CLIENTS);
    const asking = queries();
    await delay(1_000);
    const calm = answersMs.splice(0);
    const before = await server.report();
    const startedMs = performance.now();
    const connectedMs = await subscribers.connect({ ...order, count: clients, atOnce: clients });
    await served(clients);
    const servedMs = performance.now() - startedMs;
    isOver = true;
    await asking;
    const after = await server.report();
    return {
      ...{ connectedMs, servedMs, cpuMs: after.cpuMs - before.cpuMs },
      ...{ p50: quantileOf(answersMs, 0.5), p99: quantileOf(answersMs, 0.99) },
      calmP99: quantileOf(calm, 0.99),
    };
  } finally {
    isOver = true;
    http.close();
    await subscribers.stop();
    await server.stop();
  }
}
