import { expect, test } from 'vitest';
import { systemViewer } from '../../../src/services/platform/viewer.ts';
import { createTestDatabase } from '../../support/database.ts';
import { createTradingFloor } from '../../support/trading-floor.ts';
import type { Query } from '../../../src/services/platform/query.ts';

const { worker, server, query } = await createTestDatabase();
const floor = createTradingFloor({ worker, server, query });
const owner = await floor.addPerson();
const stranger = await floor.addPerson();
const { id } = await floor.openAccount(owner, '10');

const WHO: Query<{ role: string; visible: bigint; mayBook: boolean }> = {
  text: `SELECT current_user::text AS role, (SELECT count(*) FROM accounts) AS visible,
    has_table_privilege('trades', 'INSERT') AS "mayBook"`,
  values: [],
};
const rename = (name: string): Query => ({
  text: 'UPDATE accounts SET name = $2 WHERE id = $1::uuid',
  values: [id, name],
});
/** Fails unless who runs it sees all accounts and may book trades. */
const requireWorker: Query = {
  text: `SELECT 1 / (current_user = 'tradegraph_worker' AND (SELECT count(*) FROM accounts) > 0
    AND has_table_privilege('trades', 'INSERT'))::int`,
  values: [],
};
const nameOf = async () =>
  (await query<{ name: string }>('SELECT name FROM accounts WHERE id = $1', [id]))[0]?.name;
const whoIs = (viewer: typeof owner) =>
  worker.handedPipeline(viewer, async (pipeline) => (await pipeline.ask(WHO))[0][0]);

test('it begins behind the walls of the server, on a connection of the worker', async () => {
  expect(await whoIs(owner)).toEqual({ role: 'tradegraph_server', visible: 1n, mayBook: false });
  expect(await whoIs(stranger)).toEqual({ role: 'tradegraph_server', visible: 0n, mayBook: false });
});

test("what is stored as the viewer changes nothing that is not the viewer's", async () => {
  const before = await nameOf();
  await worker.handedPipeline(stranger, (pipeline) => {
    pipeline.store({ queries: [rename('of a stranger')], events: [] });
    return Promise.resolve();
  });
  expect(await nameOf()).toBe(before);
  await worker.handedPipeline(owner, (pipeline) => {
    pipeline.store({ queries: [rename('mine')], events: [] });
    return Promise.resolve();
  });
  expect(await nameOf()).toBe('mine');
});

test('it ends as the worker, with all of it in one commit', async () => {
  await worker.handedPipeline(stranger, (pipeline) => {
    pipeline.storeAsWorker({
      queries: [rename('of the worker')],
      calls: [requireWorker],
      events: [],
    });
    return Promise.resolve();
  });
  expect(await nameOf()).toBe('of the worker');
  const failing = worker.handedPipeline(owner, (pipeline) => {
    pipeline.store({ queries: [rename('half')], events: [] });
    const broken: Query = { text: 'SELECT 1 / 0', values: [] };
    pipeline.storeAsWorker({ queries: [], calls: [broken], events: [] });
    return Promise.resolve();
  });
  await expect(failing).rejects.toThrow('division by zero');
  expect(await nameOf()).toBe('of the worker');
});

test('who has the connection next has its own rights again, however the last one ended', async () => {
  const failing = worker.handedPipeline(owner, async (pipeline) => {
    await pipeline.ask(WHO);
    throw new Error('On the way.');
  });
  await expect(failing).rejects.toThrow('On the way.');
  await whoIs(owner);
  // More often than there are connections.
  for (let time = 0; time < 12; time += 1) {
    const who = await worker.pipeline(systemViewer(), (pipeline) => pipeline.ask(WHO));
    expect(who[0][0]).toMatchObject({ role: 'tradegraph_worker', mayBook: true });
  }
});

test('the connections of the server cannot become the worker', async () => {
  const trying = server.pipeline(owner, (pipeline) =>
    pipeline.ask({ text: `SELECT set_config('role', 'tradegraph_worker', true)`, values: [] }),
  );
  await expect(trying).rejects.toThrow('permission denied');
});
