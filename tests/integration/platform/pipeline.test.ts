import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { Decimal } from '../../../src/services/platform/money.ts';
import { shareOut } from '../../../src/services/platform/shared-pipeline.ts';
import { systemViewer } from '../../../src/services/platform/viewer.ts';
import { createTestDatabase } from '../../support/database.ts';
import { createTradingFloor } from '../../support/trading-floor.ts';
import type { Pipeline } from '../../../src/services/platform/pipeline.ts';
import type { Query } from '../../../src/services/platform/query.ts';

const { worker, server, query } = await createTestDatabase();
const floor = createTradingFloor({ worker, server, query });
const owner = await floor.addPerson();
const stranger = await floor.addPerson();

const count = (id: string): Query<{ count: bigint }> => ({
  text: 'SELECT count(*) FROM accounts WHERE id = $1::uuid',
  values: [id],
});
const lock = (id: string): Query<{ name: string }> => ({
  text: 'SELECT name FROM accounts WHERE id = $1::uuid FOR UPDATE',
  values: [id],
});
const rename = (id: string, name: string): Query => ({
  text: 'UPDATE accounts SET name = $2 WHERE id = $1::uuid',
  values: [id, name],
});
const BROKEN: Query = { text: 'SELECT 1 / 0', values: [] };
const namesOf = async (...ids: string[]) =>
  (
    await query<{ name: string }>('SELECT name FROM accounts WHERE id = ANY($1) ORDER BY name', [
      ids,
    ])
  ).map(({ name }) => name);
const openAccount = async () => (await floor.openAccount(owner, '10')).id;
const store = (pipeline: Pipeline, ...queries: Query[]): void => {
  pipeline.store({ queries, events: [] });
};

describe('a pipeline', () => {
  test('reads numbers, times, lists, objects and nothing as they were written', async () => {
    const values = ['0.1234567890123456789', '9007199254740993', new Date(1_760_000_000_123)];
    const [[row]] = await worker.pipeline(systemViewer(), (pipeline) =>
      pipeline.ask<[Query<Record<string, unknown>>]>({
        text: `SELECT $1::numeric AS number, $2::int8 AS big, $3::timestamptz AS time, $4::text[] AS list,
          $5::jsonb AS object, $6::text AS nothing, $7::boolean AS yes, $8::int AS small`,
        values: [...values, ['a "b"', String.raw`c\d`, null], '{"e": [1]}', null, true, 7],
      }),
    );
    expect(row).toEqual({
      number: new Decimal('0.1234567890123456789'),
      big: 9007199254740993n,
      time: new Date(1_760_000_000_123),
      list: ['a "b"', String.raw`c\d`, null],
      object: { e: [1] },
      nothing: null,
      yes: true,
      small: 7,
    });
  });

  test('stores with its commit, and again with the statements that it knows by now', async () => {
    const id = await openAccount();
    for (const name of ['one', 'two', 'three']) {
      await worker.pipeline(systemViewer(), async (pipeline) => {
        await pipeline.ask(lock(id));
        store(pipeline, rename(id, name));
      });
      expect(await namesOf(id)).toEqual([name]);
    }
  });

  test('sees as its viewer does', async () => {
    const id = await openAccount();
    const ask = (pipeline: Pipeline) => pipeline.ask(count(id));
    expect(await server.pipeline(owner, ask)).toEqual([[{ count: 1n }]]);
    expect(await server.pipeline(stranger, ask)).toEqual([[{ count: 0n }]]);
  });

  test('stores nothing when what decides throws', async () => {
    const id = await openAccount();
    const refused = worker.pipeline(systemViewer(), async (pipeline) => {
      await pipeline.ask(lock(id));
      store(pipeline, rename(id, 'changed'));
      throw new Error('No.');
    });
    await expect(refused).rejects.toThrow('No.');
    expect(await namesOf(id)).toEqual(['Paper']);
  });

  test.each(['asked', 'stored'])('stores nothing when what is %s fails', async (when) => {
    const id = await openAccount();
    const failed = worker.pipeline(systemViewer(), async (pipeline) => {
      await (when === 'asked' ? pipeline.ask(lock(id), BROKEN) : pipeline.ask(lock(id)));
      pipeline.store({ queries: [rename(id, 'changed')], calls: [BROKEN], events: [] });
    });
    await expect(failed).rejects.toMatchObject({ code: '22012' });
    expect(await namesOf(id)).toEqual(['Paper']);
    // The connection is as good as before, or is not there any more.
    await worker.pipeline(systemViewer(), (pipeline) => pipeline.ask(lock(id)));
  });

  test('reads behind a lock what was committed while it waited for it', async () => {
    const id = await openAccount();
    const name: Query<{ name: string }> = {
      text: 'SELECT name FROM accounts WHERE id = $1::uuid AND true',
      values: [id],
    };
    const isHeld = Promise.withResolvers<undefined>();
    const mayEnd = Promise.withResolvers<undefined>();
    const first = worker.pipeline(systemViewer(), async (pipeline) => {
      await pipeline.ask(lock(id));
      isHeld.resolve(undefined);
      await mayEnd.promise;
      store(pipeline, rename(id, 'newest'));
    });
    await isHeld.promise;
    const second = worker.pipeline(systemViewer(), (pipeline) => pipeline.ask(lock(id), name));
    setTimeout(() => {
      mayEnd.resolve(undefined);
    }, 50);
    await first;
    expect(await second).toEqual([[{ name: 'newest' }], [{ name: 'newest' }]]);
  });
});

describe('a shared pipeline', () => {
  const shared = <T>(...works: ((pipeline: Pipeline) => Promise<T>)[]) =>
    worker.pipeline(systemViewer(), (pipeline) => shareOut(pipeline, works));

  test('answers each with its own rows, and stores what all of them store', async () => {
    const ids = [await openAccount(), await openAccount(), await openAccount()].toReversed();
    const answers = await shared(
      ...ids.map((id, index) => async (pipeline: Pipeline) => {
        const [[before]] = await pipeline.ask(lock(id), count(id));
        // One asks twice, and the others are done by then.
        if (index === 1) await pipeline.ask(count(id));
        store(pipeline, rename(id, `${before?.name ?? ''} ${String(index)}`));
        return id;
      }),
    );
    expect(answers).toEqual(ids);
    expect(await namesOf(...ids)).toEqual(['Paper 0', 'Paper 1', 'Paper 2']);
  });

  test('stores nothing of any when one of them fails', async () => {
    const [one, other] = [await openAccount(), await openAccount()];
    const failed = shared(
      async (pipeline) => {
        await pipeline.ask(lock(one));
        store(pipeline, rename(one, 'changed'));
        await pipeline.ask(count(one));
      },
      async (pipeline) => {
        await pipeline.ask(lock(other));
        throw new Error('No.');
      },
    );
    await expect(failed).rejects.toThrow('No.');
    expect(await namesOf(one, other)).toEqual(['Paper', 'Paper']);
  });

  test('locks in the order of ids, whoever asks first', async () => {
    const ids = [await openAccount(), await openAccount(), await openAccount()].toSorted();
    const unknown = randomUUID();
    const asked: unknown[] = [];
    await worker.pipeline(systemViewer(), (pipeline) => {
      const heard: Pipeline = {
        store: (...writes) => {
          pipeline.store(...writes);
        },
        ask: ((...queries: readonly Query[]) => {
          asked.push(...queries.map(({ values }) => values[0]));
          return pipeline.ask(...queries);
        }) as Pipeline['ask'],
      };
      return shareOut(
        heard,
        ids.toReversed().map((id) => (of: Pipeline) => of.ask(lock(id), count(unknown))),
      );
    });
    expect(asked).toEqual([...ids, unknown, unknown, unknown]);
  });
});
