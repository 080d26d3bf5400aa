import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createGraphClient } from '../support/graph-client.ts';
import { connectBySocket } from '../support/live-connection.ts';
import { redisUrlForTests } from '../support/redis.ts';
import { launchProgram, launchWorker, makeDataFolder } from '../support/running-program.ts';
import { until } from '../support/until.ts';
import { embeddedDatabaseUrl } from './kill-server/postgres.ts';

const { folder: dataDirectory, remove } = await makeDataFolder();
const environment = { REDIS_URL: await redisUrlForTests(), JWT_SECRET: 'x'.repeat(40) };
const ofServer = { ...environment, PROCESS_PARTS: 'api' };
/** It brings the database up, and outlives the others. */
const keeper = await launchProgram({ dataDirectory, environment: ofServer });
const database = new Client({ connectionString: embeddedDatabaseUrl(dataDirectory) });

beforeAll(() => database.connect());
afterAll(async () => {
  await database.end();
  await keeper.stop();
  await remove();
}, 120_000);

async function readLeases(): Promise<{ readonly held: number; readonly alive: number }> {
  const { rows } = await database.query<{ held: number; alive: number }>(
    `SELECT (SELECT count(*) FROM instrument_leases WHERE expires_at > now())::int AS held,
            (SELECT count(*) FROM engine_workers WHERE expires_at > now())::int AS alive`,
  );
  return rows[0] ?? { held: NaN, alive: NaN };
}

describe('a program that is asked to stop', () => {
  test('ends with code 0, and as a worker has let all its leases go', async () => {
    const worker = await launchWorker({ dataDirectory, environment });
    await until('it holds all instruments', async () => (await readLeases()).held > 0);
    await worker.stop();
    // Not because they have run out: they are renewed, and last for seconds.
    expect(await readLeases()).toEqual({ held: 0, alive: 0 });
    expect(worker.exitCode()).toBe(0);
  });

  test('ends with code 0, and as a server has closed its sockets with 1001', async () => {
    const made = await makeDataFolder();
    const DATABASE_URL = embeddedDatabaseUrl(dataDirectory);
    const server = await launchProgram({
      dataDirectory: made.folder,
      environment: { ...ofServer, DATABASE_URL },
    });
    const token = keeper.demo?.accessToken ?? '';
    await createGraphClient({ url: server.url, token }).request('{ viewer { user { id } } }');
    const socket = connectBySocket({ url: server.url, token });
    // It begins with the account as it is, so that it is known to run.
    const results = socket.iterate({
      query: 'subscription { balanceChanged { ... on BalanceChanged { cursor } } }',
    });
    expect((await results.next()).value).toMatchObject({ data: { balanceChanged: {} } });
    const rest = results.next().catch(() => undefined);
    await server.stop();
    expect(await socket.closed).toMatchObject({ code: 1001 });
    await rest;
    expect(server.exitCode()).toBe(0);
    await made.remove();
  });
});
