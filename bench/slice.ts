/**
 * The slice of the program that a trader feels: market orders a second over HTTP, and how long after
 * its commit a trade reaches a subscriber; beside a floor, plain inserts on as many connections. The
 * real program runs, with an embedded database of its own, and this process is its clients.
 *
 *     npm run bench:slice -- --clients 8 --seconds 5 --rounds 3 [--redis]
 *
 * With `--redis`, its events go through a Redis of its own, as they do between processes.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import Table from 'cli-table3';
import { Client } from 'pg';
import { encodeCursor } from '../src/services/platform/event-log/cursor.ts';
import { embeddedDatabaseUrl } from '../tests/e2e/kill-server/postgres.ts';
import { createGraphClient, type GraphClient } from '../tests/support/graph-client.ts';
import { connectBySocket } from '../tests/support/live-connection.ts';
import {
  findDemoModel,
  openAccount,
  placeOrder,
  switchModel,
} from '../tests/support/paper-accounts.ts';
import { startRedisServer } from '../tests/support/redis-server.ts';
import { launchProgram, makeDataFolder } from '../tests/support/running-program.ts';

const SYMBOLS = ['ACME.SIM', 'BORE.SIM', 'CIRR.SIM', 'DELV.SIM', 'GLIM.SIM', 'HALC.SIM'];
/** Between the orders of a lone client: far less than what the program can do. */
const CALM_PAUSE_MS = 50;
const LAST_TRADES_MS = 2_000;

const { values } = parseArgs({
  options: {
    clients: { type: 'string', default: '8' },
    seconds: { type: 'string', default: '5' },
    rounds: { type: 'string', default: '3' },
    redis: { type: 'boolean', default: false },
  },
});
const [clients, seconds, rounds] = [values.clients, values.seconds, values.rounds].map(Number) as [
  number,
  number,
  number,
];

interface Figures {
  /** Done in a second. */
  readonly rate: number;
  /** From the request to its answer. */
  readonly answersMs: readonly number[];
  /** From the commit of a trade to its arrival at the subscriber. */
  readonly arrivalsMs: readonly number[];
}

interface House {
  readonly graph: GraphClient;
  readonly database: Client;
  readonly accountIds: readonly string[];
  /** When each trade arrived, by its id. */
  readonly arrivals: Map<string, number>;
}

/** So far, for the client order ids. */
let placed = 0;

const data = await makeDataFolder();
try {
  await run(data.folder);
} finally {
  await data.remove();
}

async function run(dataDirectory: string): Promise<void> {
  const token = await prepare(dataDirectory);
  const redis = values.redis ? await startRedisServer() : undefined;
  const program = await launchProgram({
    dataDirectory,
    ...(redis && { environment: { REDIS_URL: redis.url } }),
  });
  const database = new Client({ connectionString: embeddedDatabaseUrl(dataDirectory) });
  const connection = connectBySocket({ url: program.url, token });
  try {
    await database.connect();
    const graph = createGraphClient({ url: program.url, token });
    // Its trades would be counted as ours.
    const { modelId } = await findDemoModel(graph);
    await switchModel(graph, { id: modelId, to: 'stop', key: 'bench' });
    const accountIds = [];
    for (let client = 0; client < clients; client += 1) {
      accountIds.push((await openAccount(graph, `Client ${client}`)).accountId);
    }
    const house: House = { graph, database, accountIds, arrivals: new Map() };
    // It ends with the server, which is said elsewhere if it is too early.
    listen(connection, house.arrivals).catch(() => undefined);
    await measure(house, { count: clients, pauseMs: 0, forSeconds: 2 });

    const [floors, busy, calm] = [[] as Figures[], [] as Figures[], [] as Figures[]];
    // In turns, so that what else the machine does falls on all.
    for (let round = 0; round < rounds; round += 1) {
      floors.push(await measureFloor(dataDirectory));
      busy.push(await measure(house, { count: clients, pauseMs: 0, forSeconds: seconds }));
      calm.push(await measure(house, { count: 1, pauseMs: CALM_PAUSE_MS, forSeconds: seconds }));
      console.log(`round ${round + 1} of ${rounds}`);
    }
    print({ floors, busy, calm });
  } finally {
    connection.close();
    await database.end();
    await program.stop();
    await redis?.stop();
  }
}

/** A database that notes when each transaction was committed; needs a restart. Answers with a token. */
async function prepare(dataDirectory: string): Promise<string> {
  const program = await launchProgram({ dataDirectory });
  const database = new Client({ connectionString: embeddedDatabaseUrl(dataDirectory) });
  await database.connect();
  await database.query('ALTER SYSTEM SET track_commit_timestamp = on');
  await database.query('CREATE TABLE bench_floor (id bigserial PRIMARY KEY, payload text)');
  await database.end();
  await program.stop();
  return program.demo?.accessToken ?? '';
}

async function listen(
  connection: ReturnType<typeof connectBySocket>,
  arrivals: Map<string, number>,
): Promise<void> {
  const query = `subscription Trades($after: Cursor) {
    tradeExecuted(after: $after) { ... on TradeExecuted { trade { id } } }
  }`;
  // From the beginning, so that none is missed while the stream begins.
  const variables = { after: encodeCursor(0n) };
  interface Result {
    readonly tradeExecuted: { readonly trade?: { readonly id: string } };
  }
  for await (const { data } of connection.iterate<Result>({ query, variables })) {
    const id = data?.tradeExecuted.trade?.id;
    if (id !== undefined) arrivals.set(uuidOf(id), now());
  }
}

/** Global ids are `Trade:<uuid>` in base64. */
function uuidOf(globalId: string): string {
  return Buffer.from(globalId, 'base64').toString().split(':')[1] ?? '';
}

/** As the database's clock, to a part of a millisecond. */
function now(): number {
  return performance.timeOrigin + performance.now();
}

/** Orders of `count` clients, each one after the other. */
async function measure(
  { graph, database, accountIds, arrivals }: House,
  { count, pauseMs, forSeconds }: { count: number; pauseMs: number; forSeconds: number },
): Promise<Figures> {
  const startedMs = now();
  const answersMs: number[] = [];
  const client = async (accountId: string): Promise<void> => {
    while (now() < startedMs + forSeconds * 1_000) {
      placed += 1;
      const sentMs = now();
      const answer = await placeOrder(graph, {
        accountId,
        symbol: SYMBOLS[placed % SYMBOLS.length] ?? '',
        side: 'BUY',
        quantity: '1',
        clientOrderId: `bench-${placed}`,
      });
      if (answer.kind !== 'placed') throw new Error(`An order was refused: ${answer.message}`);
      answersMs.push(now() - sentMs);
      if (pauseMs > 0) await delay(pauseMs);
    }
  };
  await Promise.all(accountIds.slice(0, count).map(client));
  const rate = (answersMs.length / (now() - startedMs)) * 1_000;
  await delay(LAST_TRADES_MS);
  const { rows } = await database.query<{ id: string; committed: number }>(
    `SELECT id, (extract(epoch FROM pg_xact_commit_timestamp(xmin)) * 1000)::float8 AS committed
     FROM trades WHERE recorded_at >= to_timestamp($1)`,
    [startedMs / 1_000],
  );
  const arrivalsMs = rows.map(({ id, committed }) => {
    const arrived = arrivals.get(id);
    if (arrived === undefined) throw new Error(`Trade ${id} did not arrive.`);
    return arrived - committed;
  });
  return { rate, answersMs, arrivalsMs };
}

/** One insert and its commit, again and again, on as many connections as there are clients. */
async function measureFloor(dataDirectory: string): Promise<Figures> {
  const connectionString = embeddedDatabaseUrl(dataDirectory);
  const startedMs = now();
  const answersMs: number[] = [];
  const client = async (): Promise<void> => {
    const database = new Client({ connectionString });
    await database.connect();
    while (now() < startedMs + seconds * 1_000) {
      const sentMs = now();
      await database.query({
        name: 'floor',
        text: 'INSERT INTO bench_floor (payload) VALUES ($1)',
        values: ['x'.repeat(200)],
      });
      answersMs.push(now() - sentMs);
    }
    await database.end();
  };
  await Promise.all(Array.from({ length: clients }, client));
  return { rate: (answersMs.length / (now() - startedMs)) * 1_000, answersMs, arrivalsMs: [] };
}

function print(of: Record<'floors' | 'busy' | 'calm', readonly Figures[]>): void {
  const table = new Table({
    head: ['', 'a second', 'answer p50 ms', 'p99', 'commit to subscriber p50 ms', 'p99'],
    style: { head: [] },
  });
  const lines = [
    { title: `floor: insert and commit, ${clients} connections`, figures: of.floors },
    { title: `market orders over HTTP, ${clients} clients`, figures: of.busy },
    { title: `market orders, 1 client, ${CALM_PAUSE_MS} ms apart`, figures: of.calm },
  ];
  for (const { title, figures } of lines) {
    table.push([
      title,
      median(figures.map(({ rate }) => rate)).toFixed(0),
      ...inWords(figures.map(({ answersMs }) => answersMs)),
      ...inWords(figures.map(({ arrivalsMs }) => arrivalsMs)),
    ]);
  }
  console.log(table.toString());
  const share = median(of.busy.map(({ rate }) => rate)) / median(of.floors.map(({ rate }) => rate));
  console.log(
    `Medians of ${rounds} rounds of ${seconds} s. Orders reach ${percent(share)} of the floor.`,
  );
}

/** p50 and p99, each as the median of its rounds. */
function inWords(samples: readonly (readonly number[])[]): string[] {
  return [0.5, 0.99].map((share) => {
    const found = samples.filter(({ length }) => length > 0).map((sample) => at(sample, share));
    return found.length === 0 ? '' : median(found).toFixed(1);
  });
}

function median(sample: readonly number[]): number {
  return at(sample, 0.5);
}

function at(sample: readonly number[], share: number): number {
  const sorted = sample.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)}%`;
}
