import { describe, expect, test } from 'vitest';
import {
  LOCK_NOT_AVAILABLE,
  NotShared,
  type HandedPart,
} from '../../../src/services/platform/handed-parts.ts';
import { systemViewer, type Viewer } from '../../../src/services/platform/viewer.ts';
import { createTestDatabase } from '../../support/database.ts';
import { createTradingFloor } from '../../support/trading-floor.ts';
import type { HandedPipeline } from '../../../src/services/platform/pipeline.ts';
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
async function hand<T>(viewer: Viewer, work: HandedPart<T>['work']): Promise<T> {
  const [settled] = await worker.handedPipelines([{ viewer, work }]);
  if (settled?.status !== 'fulfilled') throw settled?.reason;
  return settled.value;
}
const whoIs = (viewer: typeof owner) =>
  hand(viewer, async (pipeline) => (await pipeline.ask(WHO))[0][0]);

test('it begins behind the walls of the server, on a connection of the worker', async () => {
  expect(await whoIs(owner)).toEqual({ role: 'tradegraph_server', visible: 1n, mayBook: false });
  expect(await whoIs(stranger)).toEqual({ role: 'tradegraph_server', visible: 0n, mayBook: false });
});

test("what is stored as the viewer changes nothing that is not the viewer's", async () => {
  const before = await nameOf();
  await hand(stranger, (pipeline) => {
    pipeline.store({ queries: [rename('of a stranger')], events: [] });
    return Promise.resolve();
  });
  expect(await nameOf()).toBe(before);
  await hand(owner, (pipeline) => {
    pipeline.store({ queries: [rename('mine')], events: [] });
    return Promise.resolve();
  });
  expect(await nameOf()).toBe('mine');
});

test('it ends as the worker, with all of it in one commit', async () => {
  await hand(stranger, (pipeline) => {
    pipeline.storeAsWorker({
      queries: [rename('of the worker')],
      calls: [requireWorker],
      events: [],
    });
    return Promise.resolve();
  });
  expect(await nameOf()).toBe('of the worker');
  const failing = hand(owner, (pipeline) => {
    pipeline.store({ queries: [rename('half')], events: [] });
    const broken: Query = { text: 'SELECT 1 / 0', values: [] };
    pipeline.storeAsWorker({ queries: [], calls: [broken], events: [] });
    return Promise.resolve();
  });
  await expect(failing).rejects.toThrow('division by zero');
  expect(await nameOf()).toBe('of the worker');
});

test('who has the connection next has its own rights again, however the last one ended', async () => {
  const failing = hand(owner, async (pipeline) => {
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

describe('several in one transaction', () => {
  const asks = (viewer: Viewer) => ({
    viewer,
    work: async (pipeline: HandedPipeline) => (await pipeline.ask(WHO))[0][0]?.visible,
  });
  const stores = (viewer: Viewer, name: string, error?: Error) => ({
    viewer,
    async work(pipeline: HandedPipeline) {
      await pipeline.ask(WHO);
      pipeline.store({ queries: [rename(name)], events: [] });
      if (error) throw error;
      return name;
    },
  });

  test('each see what its viewer may see', async () => {
    const seen = await worker.handedPipelines([asks(owner), asks(stranger), asks(owner)]);
    expect(seen).toEqual([1n, 0n, 1n].map((value) => ({ status: 'fulfilled', value })));
  });

  test('each is behind the walls of its own key, of one person as well', async () => {
    await query(`UPDATE accounts SET kind = 'LIVE' WHERE id = $1`, [id]);
    const withTestKey: Viewer = { ...owner, apiKey: { environment: 'TEST' } as Viewer['apiKey'] };
    const seen = await worker.handedPipelines([asks(owner), asks(withTestKey), asks(owner)]);
    await query(`UPDATE accounts SET kind = 'PAPER' WHERE id = $1`, [id]);
    expect(seen).toEqual([1n, 0n, 1n].map((value) => ({ status: 'fulfilled', value })));
  });

  test('locks are taken in their order, and who is given first goes on first', async () => {
    const gone: string[] = [];
    const asked = (locks: string) => ({
      ...{ viewer: owner, locks },
      async work(pipeline: HandedPipeline) {
        const [[row]] = await pipeline.ask<[Query<{ at: Date }>]>({
          text: 'SELECT clock_timestamp() AS at',
          values: [],
        });
        gone.push(locks);
        return row?.at;
      },
    });
    const done = await worker.handedPipelines([asked('c'), asked('a'), asked('b')]);
    const [c, a, b] = done.map((each) => (each.status === 'fulfilled' ? each.value : undefined));
    expect(gone).toEqual(['c', 'a', 'b']);
    expect([a, b, c].toSorted((one, other) => Number(one) - Number(other))).toEqual([a, b, c]);
  });

  test('each store what its viewer may store', async () => {
    await worker.handedPipelines([stores(owner, 'ours'), stores(stranger, 'theirs')]);
    expect(await nameOf()).toBe('ours');
    await worker.handedPipelines([stores(stranger, 'theirs'), stores(owner, 'ours again')]);
    expect(await nameOf()).toBe('ours again');
  });

  test('one that fails by itself stores nothing, and the others go on', async () => {
    const done = await worker.handedPipelines([
      stores(stranger, 'of a stranger'),
      stores(owner, 'half', new Error('It cannot be.')),
    ]);
    expect(done.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    expect(await nameOf()).toBe('ours again');
  });

  test('one that asks again has to be alone, and keeps the others from nothing', async () => {
    const [again, other] = await worker.handedPipelines([
      {
        viewer: stranger,
        async work(pipeline) {
          await pipeline.ask(WHO);
          await pipeline.ask(WHO);
          return '';
        },
      },
      stores(owner, 'by the other'),
    ]);
    expect(again).toMatchObject({ status: 'rejected', reason: expect.any(NotShared) as NotShared });
    expect(other?.status).toBe('fulfilled');
    expect(await nameOf()).toBe('by the other');
  });

  test('a statement that fails ends it for all', async () => {
    const broken: Query = { text: 'SELECT 1 / 0', values: [] };
    const asking = worker.handedPipelines([
      { viewer: stranger, work: (pipeline) => pipeline.ask(broken) },
      stores(owner, 'half'),
    ] as HandedPart<unknown>[]);
    await expect(asking).rejects.toThrow('division by zero');
    const storing = worker.handedPipelines([
      stores(owner, 'half'),
      {
        viewer: stranger,
        work: (pipeline) => {
          pipeline.guard('a', broken);
          return Promise.resolve('');
        },
      },
    ]);
    await expect(storing).rejects.toThrow('division by zero');
    expect(await nameOf()).toBe('by the other');
  });

  test('what guards them is called last, once and in the order of its keys', async () => {
    await query('CREATE TABLE guarded (at serial, name text)');
    await query('GRANT ALL ON guarded, guarded_at_seq TO tradegraph_worker');
    await query(`CREATE FUNCTION guard(p_name text) RETURNS void LANGUAGE sql
      AS $$ INSERT INTO guarded (name) VALUES (p_name) $$`);
    const guards = (...keys: readonly string[]) => ({
      viewer: owner,
      work: (pipeline: HandedPipeline) => {
        for (const key of keys) {
          pipeline.guard(key, { text: 'SELECT guard($1)', values: [key] });
        }
        const call: Query = { text: 'SELECT guard($1)', values: ['first'] };
        pipeline.storeAsWorker({ queries: [], calls: [call], events: [] });
        return Promise.resolve();
      },
    });
    await worker.handedPipelines([guards('c', 'a'), guards('b', 'a')]);
    const called = await query<{ name: string }>('SELECT name FROM guarded ORDER BY at');
    expect(called.map(({ name }) => name)).toEqual(['first', 'first', 'a', 'b', 'c']);
  });

  test('no lock is waited for for long', async () => {
    await query('BEGIN');
    await query('SELECT FROM accounts WHERE id = $1 FOR UPDATE', [id]);
    const waiting = worker.handedPipelines([stores(owner, 'late'), stores(stranger, 'theirs')]);
    await expect(waiting).rejects.toMatchObject({ code: LOCK_NOT_AVAILABLE });
    const alone = worker.handedPipelines([stores(owner, 'late')]);
    await expect(alone).rejects.toMatchObject({ code: LOCK_NOT_AVAILABLE });
    await query('COMMIT');
    expect(await nameOf()).toBe('by the other');
  });
});
