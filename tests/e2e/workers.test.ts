import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SIMULATED_SYMBOLS } from '../../src/services/market/simulated-instruments.ts';
import { createGraphClient, type GraphClient } from '../support/graph-client.ts';
import { openAccount, placeOrder } from '../support/paper-accounts.ts';
import { redisUrlForTests } from '../support/redis.ts';
import {
  launchProgram,
  launchWorker,
  makeDataFolder,
  type RunningProgram,
} from '../support/running-program.ts';
import { until } from '../support/until.ts';
import { auditFindings } from './kill-server/findings.ts';
import { embeddedDatabaseUrl } from './kill-server/postgres.ts';

/** A dead worker's instruments are held by another one in less: that is up to the leases. */
const TAKE_OVER_SECONDS = 10;
/** A worker looks so often for leases that have run out. */
const RENEWAL_SECONDS = 1.5;
/** For what else a busy machine does until the orders are filled. */
const PATIENCE_MS = 60_000;
const PAUSE_MS = 15_000;

const { folder: dataDirectory, remove } = await makeDataFolder();
const environment = { REDIS_URL: await redisUrlForTests() };
const options = { dataDirectory, environment };
type Worker = Awaited<ReturnType<typeof launchWorker>>;
let api: RunningProgram;
let graph: GraphClient;
let accountId = '';
const workers: Worker[] = [];

beforeAll(async () => {
  api = await launchProgram({
    dataDirectory,
    environment: { ...environment, PROCESS_PARTS: 'api' },
  });
  for (const _ of [1, 2]) workers.push(await launchWorker(options));
  graph = createGraphClient({ url: api.url, token: api.demo?.accessToken ?? '' });
  ({ accountId } = await openAccount(graph, 'Workers'));
}, 180_000);
afterAll(async () => {
  for (const worker of workers) {
    worker.goOn();
    await worker.stop();
  }
  await api.stop();
  await remove();
}, 120_000);

let placed = 0;
/** An order at the market of every instrument; answers with their ids. */
const placeAll = async (): Promise<string[]> => {
  const ids: string[] = [];
  for (const symbol of SIMULATED_SYMBOLS) {
    placed += 1;
    const wanted = { accountId, symbol, side: 'BUY', quantity: '1' } as const;
    const answer = await placeOrder(graph, { ...wanted, clientOrderId: `order-${placed}` });
    if (answer.kind === 'refused') throw new Error(`${symbol}: ${answer.message}`);
    ids.push(answer.order.id);
  }
  return ids;
};
const areFilled = async (ids: readonly string[]): Promise<boolean> => {
  const { nodes } = await graph.request<{ nodes: readonly ({ status: string } | null)[] }>(
    'query States($ids: [ID!]!) { nodes(ids: $ids) { ... on Order { status } } }',
    { ids },
  );
  return nodes.every((order) => order?.status === 'FILLED');
};
const untilFilled = (ids: readonly string[]) =>
  until('every order is filled', () => areFilled(ids), PATIENCE_MS);
/** How long it takes until nothing is held for a worker that has just gone. */
async function secondsLeft(): Promise<number> {
  const client = new Client({ connectionString: embeddedDatabaseUrl(dataDirectory) });
  await client.connect();
  const { rows } = await client.query<{ seconds: number }>(
    `SELECT extract(epoch FROM max(expires_at) - now())::float AS seconds FROM instrument_leases`,
  );
  await client.end();
  return rows[0]?.seconds ?? NaN;
}
/** Prices reach the API over the bus; until the first, no order is accepted. */
const untilQuoted = () =>
  until('there are prices', async () => {
    const { instruments } = await graph.request<{
      instruments: { nodes: readonly { quote: unknown }[] };
    }>('{ instruments(first: 20) { nodes { quote { ask } } } }');
    const quoted = instruments.nodes.filter(({ quote }) => quote !== null);
    return quoted.length >= SIMULATED_SYMBOLS.length;
  });

describe('an API with two workers', () => {
  test('has its orders filled by them', async () => {
    await untilQuoted();
    await untilFilled(await placeAll());
  });

  test('has them filled by the other in 10 s when one is killed', async () => {
    await workers.shift()?.kill();
    expect(await secondsLeft()).toBeLessThan(TAKE_OVER_SECONDS - RENEWAL_SECONDS);
    await untilFilled(await placeAll());
  });

  test('has them filled by a new one while the other sleeps, which does nothing twice', async () => {
    workers.push(await launchWorker(options));
    // The new one has its part of the instruments.
    await sleep(3_000);
    const [sleeper] = workers;
    sleeper?.pause();
    const pausedAtMs = performance.now();
    expect(await secondsLeft()).toBeLessThan(TAKE_OVER_SECONDS - RENEWAL_SECONDS);
    await untilFilled(await placeAll());
    await sleep(PAUSE_MS - (performance.now() - pausedAtMs));
    sleeper?.goOn();
    await untilFilled(await placeAll());
    expect(await auditFindings(embeddedDatabaseUrl(dataDirectory))).toEqual([]);
  });
});
