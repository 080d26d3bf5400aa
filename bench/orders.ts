/**
 * Market orders a second, from their placing to their fill: by hand-made SQL, in one call and a statement
 * at a time; by the service alone; and through the whole program over HTTP. Ten clients each, in turns.
 *
 *     node bench/orders.ts --clients 10 --seconds 4 --rounds 5
 *     node bench/orders.ts --only service        (also: floor, statements, http)
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import Table from 'cli-table3';
import { createGraphClient } from '../tests/support/graph-client.ts';
import { findDemoModel, openAccount, switchModel } from '../tests/support/paper-accounts.ts';
import { launchProgram, makeDataFolder } from '../tests/support/running-program.ts';
import { openBenchCluster } from './bench-cluster.ts';
import { databaseCpuMs, programCpuMs } from './bench-cpu.ts';
import { createBenchClient } from './bench-http.ts';
import { medianOf, percent, quantileOf } from './bench-numbers.ts';
import { analyzeTables, createFloor, openFloorClient } from './order-floor.ts';
import { openOrderHouse } from './order-house.ts';

const { values } = parseArgs({
  options: {
    clients: { type: 'string', default: '10' },
    seconds: { type: 'string', default: '4' },
    rounds: { type: 'string', default: '5' },
    pool: { type: 'string', default: '10' },
    only: { type: 'string', default: '' },
  },
});
const [clients, seconds, rounds] = [values.clients, values.seconds, values.rounds].map(Number) as [
  number,
  number,
  number,
];
const WARM_UP_SECONDS = 5;
const SYMBOLS = ['ACME.SIM', 'BORE.SIM', 'CIRR.SIM', 'DELV.SIM', 'GLIM.SIM', 'HALC.SIM'];

/** One way to place orders: one call is one order of one client. */
interface Way {
  readonly name: string;
  readonly title: string;
  readonly place: (client: number) => Promise<void>;
  /** Processor time so far of what does the work, in milliseconds: the program, and its database. */
  readonly cpuMs: () => readonly [program: number, database: number];
}

interface Figures {
  /** Orders in a second. */
  readonly rate: number;
  readonly answersMs: readonly number[];
  /** Microseconds of an order. */
  readonly cpuUs: readonly [program: number, database: number];
}

const PLACE = `mutation Place($input: PlaceOrderInput!) { placeOrder(input: $input) {
  __typename
  ... on PlaceOrderSuccess { order { id status filledQuantity averageFillPrice version } }
  ... on Error { message } } }`;

const ways: Way[] = [];
let analyze = (): Promise<void> => Promise.resolve();
/** Of the answers over HTTP, those that brought their fill with them. */
let filled = 0;
const closes: (() => Promise<unknown>)[] = [];
const wants = (name: string): boolean =>
  values.only === '' || values.only.split(',').includes(name);

try {
  if (['floor', 'statements', 'service'].some(wants)) await addDirect();
  if (wants('http')) await addHttp();
  print(await measureAll());
} finally {
  for (const close of closes.toReversed()) await close();
}

/** What asks the database from this process. */
async function addDirect(): Promise<void> {
  const cluster = await openBenchCluster();
  closes.push(() => cluster.close());
  const house = await openOrderHouse(cluster.ownerUrl, { clients, poolSize: Number(values.pool) });
  closes.push(() => house.close());
  await createFloor(cluster.ownerUrl);
  analyze = () => analyzeTables(cluster.ownerUrl);
  await house.place(0);
  const payloads = await house.payloads();
  const floor = await Promise.all(
    house.floorAccounts.map((account) => openFloorClient(cluster.ownerUrl, account, payloads)),
  );
  closes.push(() => Promise.all(floor.map((client) => client.end())));
  const by = async (client: number, how: 'inOneCall' | 'byStatements'): Promise<void> =>
    floor[client]?.[how]();
  const cpuMs = () => [ownCpuMs(), databaseCpuMs(join(cluster.folder, 'postgres'))] as const;
  const direct: Omit<Way, 'cpuMs'>[] = [
    { name: 'floor', title: 'floor: one call of SQL', place: (n) => by(n, 'inOneCall') },
    { name: 'statements', title: 'the same by statements', place: (n) => by(n, 'byStatements') },
    { name: 'service', title: 'the service', place: (n) => house.place(n) },
  ];
  ways.push(...direct.map((way) => ({ ...way, cpuMs })));
}

/** The real program, in a process of its own, with a database of its own. */
async function addHttp(): Promise<void> {
  const data = await makeDataFolder();
  closes.push(() => data.remove());
  const program = await launchProgram({ dataDirectory: data.folder });
  closes.push(() => program.stop());
  const token = program.demo?.accessToken ?? '';
  const graph = createGraphClient({ url: program.url, token });
  // Its trades would be counted as ours.
  const { modelId } = await findDemoModel(graph);
  await switchModel(graph, { id: modelId, to: 'stop', key: 'bench' });
  const places: (() => Promise<void>)[] = [];
  for (let index = 0; index < clients; index += 1) {
    const { accountId } = await openAccount(graph, `Client ${String(index)}`);
    const client = createBenchClient(program.url);
    closes.push(() => {
      client.close();
      return Promise.resolve();
    });
    let placed = 0;
    places.push(async () => {
      placed += 1;
      const input = {
        ...{ accountId, symbol: SYMBOLS[placed % SYMBOLS.length], side: 'BUY', quantity: '1' },
        clientOrderId: `bench-${String(placed)}`,
      };
      const answer = await client.ask(
        JSON.stringify({ query: PLACE, variables: { input } }),
        token,
      );
      if (answer.includes('FILLED')) filled += 1;
      else if (!answer.includes('ACCEPTED')) throw new Error(answer);
    });
  }
  ways.push({
    name: 'http',
    title: 'the program, over HTTP',
    place: (n) => places[n]?.() ?? Promise.resolve(),
    cpuMs: () => [programCpuMs(data.folder), databaseCpuMs(join(data.folder, 'postgres'))],
  });
}

function ownCpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

async function measureAll(): Promise<ReadonlyMap<Way, readonly Figures[]>> {
  const wanted = ways.filter(({ name }) => wants(name));
  // Plans, caches and compiled code of each, and statistics as a database has them after a minute.
  for (const way of wanted) await measure(way, WARM_UP_SECONDS);
  await analyze();
  filled = 0;
  const figures = new Map<Way, Figures[]>(wanted.map((way) => [way, []]));
  // In turns, so that what else the machine does falls on all.
  for (let round = 0; round < rounds; round += 1) {
    for (const way of wanted) figures.get(way)?.push(await measure(way, seconds));
  }
  return figures;
}

async function measure({ place, cpuMs }: Way, forSeconds: number): Promise<Figures> {
  const answersMs: number[] = [];
  const startedMs = performance.now();
  const before = cpuMs();
  const run = async (client: number): Promise<void> => {
    while (performance.now() < startedMs + forSeconds * 1_000) {
      const sentMs = performance.now();
      await place(client);
      answersMs.push(performance.now() - sentMs);
    }
  };
  await Promise.all(Array.from({ length: clients }, (_none, client) => run(client)));
  const rate = (answersMs.length / (performance.now() - startedMs)) * 1_000;
  const [program, database] = cpuMs();
  const each = (ms: number): number => (ms / answersMs.length) * 1_000;
  return { rate, answersMs, cpuUs: [each(program - before[0]), each(database - before[1])] };
}

function print(figures: ReadonlyMap<Way, readonly Figures[]>): void {
  const table = new Table({
    head: ['', 'orders/s', 'p50 ms', 'p99 ms', 'of the floor', 'CPU µs: program', 'database'],
  });
  const [floor] = figures.values();
  for (const [way, rows] of figures) {
    const answersMs = rows.flatMap((row) => row.answersMs);
    const shares = rows.map(({ rate }, round) => rate / (floor?.[round]?.rate ?? rate));
    table.push([
      way.title,
      medianOf(rows.map(({ rate }) => rate)).toFixed(0),
      quantileOf(answersMs, 0.5).toFixed(1),
      quantileOf(answersMs, 0.99).toFixed(1),
      percent(medianOf(shares)),
      medianOf(rows.map(({ cpuUs: [program] }) => program)).toFixed(0),
      medianOf(rows.map(({ cpuUs: [, database] }) => database)).toFixed(0),
    ]);
    if (way.name === 'http') {
      process.stdout.write(`Over HTTP, ${percent(filled / answersMs.length)} came filled.\n`);
    }
  }
  process.stdout.write(`${table.toString()}\nMedians of ${String(rounds)} rounds.\n`);
}
