import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { collect } from '../support/collected.ts';
import { createGraphClient, type GraphClient } from '../support/graph-client.ts';
import { connectBySocket } from '../support/live-connection.ts';
import { openAccount, placeOrder } from '../support/paper-accounts.ts';
import { redisUrlForTests } from '../support/redis.ts';
import {
  launchProgram,
  launchWorker,
  makeDataFolder,
  type RunningProgram,
} from '../support/running-program.ts';
import { until } from '../support/until.ts';
import { embeddedDatabaseUrl } from './kill-server/postgres.ts';

/** So long that a busy machine pushes it ahead in time. */
const GRACE_SECONDS = 4;

const { folder: dataDirectory, remove } = await makeDataFolder();
const environment = { REDIS_URL: await redisUrlForTests() };
let api: RunningProgram;
let worker: Awaited<ReturnType<typeof launchWorker>>;
let graph: GraphClient;

beforeAll(async () => {
  const apiAlone = { ...environment, PROCESS_PARTS: 'api' };
  api = await launchProgram({ dataDirectory, environment: apiAlone });
  worker = await launchWorker({ dataDirectory, environment });
  graph = createGraphClient({ url: api.url, token: api.demo?.accessToken ?? '' });
}, 180_000);
afterAll(async () => {
  await worker.stop();
  await api.stop();
  await remove();
}, 120_000);

test('the server that holds a socket is killed, and another process cancels in time', async () => {
  const { accountId } = await openAccount(graph, 'Watched');
  const symbol = 'ACME.SIM';
  await until('there is a price', async () => {
    const { instrument } = await graph.request<{ instrument: { quote: unknown } }>(
      `{ instrument(symbol: "${symbol}") { quote { ask } } }`,
    );
    return instrument.quote !== null;
  });
  // A limit that no price of the simulated market comes to.
  const answer = await placeOrder(graph, {
    ...{ accountId, symbol, side: 'BUY', quantity: '1', clientOrderId: 'resting' },
    ...{ type: 'LIMIT', limitPrice: '0.01' },
  });
  if (answer.kind === 'refused') throw new Error(answer.message);
  const socket = connectBySocket({ url: api.url, token: api.demo?.accessToken ?? '' });
  // Its client closes a socket on which nothing runs.
  collect(socket.iterate({ query: `subscription { quotes(symbols: ["${symbol}"]) { bid } }` }));
  const { value } = (await socket
    .iterate({
      query: `mutation { cancelOnDisconnect(input: { accountId: "${accountId}",
        graceSeconds: ${GRACE_SECONDS} }) { __typename } }`,
    })
    .next()) as { value: { data?: object } };
  expect(value.data).toEqual({
    cancelOnDisconnect: { __typename: 'CancelOnDisconnectSuccess' },
  });

  const database = new Client({ connectionString: embeddedDatabaseUrl(dataDirectory) });
  await database.connect();
  const stateOf = async () => {
    const { rows } = await database.query<{ state: string; at: Date }>(
      `SELECT status || ' ' || coalesce(reason_code, '-') AS state, updated_at AS at FROM orders
       WHERE client_order_id = 'resting'`,
    );
    return rows[0];
  };
  // While its server lives, the socket keeps the order, beyond the grace.
  await delay(1.25 * GRACE_SECONDS * 1_000);
  expect((await stateOf())?.state).toBe('ACCEPTED -');
  const killedAt = Date.now();
  await api.kill();
  const CANCELED = 'CANCELED CANCEL_ON_DISCONNECT';
  await until('it is canceled', async () => (await stateOf())?.state === CANCELED);
  const canceledAt = (await stateOf())?.at.getTime() ?? NaN;
  // The grace was last renewed before the kill, which its renewal every 400 ms and a busy machine
  // date back a little; the clocks are one machine's.
  expect(canceledAt - killedAt).toBeGreaterThan(0);
  expect(canceledAt - killedAt).toBeLessThan(3 * GRACE_SECONDS * 1_000);
  await database.end();
}, 180_000);
