import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Viewer } from '../../src/services/platform/viewer.ts';
import { addApiKey } from '../support/api-keys.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { settleEstate, untilQuiet, type Estate } from '../support/estate.ts';
import { openGraph } from '../support/graph.ts';
import { eventually } from '../support/outbox.ts';
import { openRoleSession } from '../support/role-session.ts';
import { dumpTables } from '../support/table-dump.ts';
import { outcomeOf } from './isolation-outcome.ts';
import { PROBES } from './isolation-probes.ts';
import { thingsOf } from './isolation-things.ts';

const INSUFFICIENT_PRIVILEGE = '42501';
let database: TestDatabase;
let estate: Estate;
/** Of the owner, with all the scopes that the owner can give. */
let testKey: string;
let liveKey: string;
let testViewer: Viewer;

beforeAll(async () => {
  database = await createTestDatabase();
  const graph = await openGraph(database);
  afterAll(() => graph.app.stop());
  estate = await settleEstate(graph, database);
  const scopes = ['READ', 'TRADE', 'AGENT'] as const;
  ({ secret: testKey } = await addApiKey(graph.app, estate.owner, { scopes, environment: 'TEST' }));
  ({ secret: liveKey } = await addApiKey(graph.app, estate.owner, { scopes }));
  ({ viewer: testViewer } = await graph.app.services.apiKeyAccess.authenticate(testKey));
  // Money that is real, as far as anybody can tell.
  await database.query(`UPDATE accounts SET kind = 'LIVE' WHERE id = ANY ($1)`, [
    [estate.account.id, estate.models.private.account.id],
  ]);
});

async function outcome(place: string, thing: string, token: string): Promise<string> {
  const [type, fieldName = ''] = place.split('.');
  const document = `${type === 'Query' ? '' : 'mutation'} { ${String(
    PROBES[place]?.(thingsOf(estate)[thing]),
  )} }`;
  return outcomeOf(await estate.graph.ask(document, token), fieldName);
}

describe('a key for tests', () => {
  it('is told by how it begins', () => {
    expect(testKey).toMatch(/^tg_test_/);
    expect(liveKey).toMatch(/^tg_live_/);
  });

  it.each([
    ['Query.node', 'account', 'null'],
    ['Query.node', 'order', 'null'],
    ['Query.node', 'trade', 'null'],
    ['Query.node', 'position', 'null'],
    ['Query.node', 'privateModel', 'null'],
    ['Query.node', 'privateLine', 'null'],
    ['Query.model', 'privateModel', 'null'],
    ['Query.agentLogs', 'privateModel', 'empty'],
    ['Query.equityCurve', 'account', 'null'],
    ['Query.orders', 'account', 'empty'],
    ['Query.trades', 'account', 'empty'],
    ['Query.positions', 'account', 'empty'],
  ])('does not see what is not on paper: %s of %s', async (place, thing, hidden) => {
    expect(await outcome(place, thing, testKey)).toBe(hidden);
    expect(await outcome(place, thing, liveKey)).toBe('data');
  });

  it('sees of a public model with a live account what everyone sees, and not its prompt', async () => {
    const { published } = estate.models;
    const read = async (token: string) => {
      const { publishedModel } = thingsOf(estate);
      const { data } = await estate.graph.ask(
        `{ model(id: "${String(publishedModel?.id)}") { name prompt costUsd log { totalCount } } }`,
        token,
      );
      return (data as { model: Record<string, unknown> }).model;
    };
    const before = await read(testKey);
    expect(before).toEqual(await read(liveKey));
    const setKind = (kind: string) =>
      database.query('UPDATE accounts SET kind = $2 WHERE id = $1', [published.account.id, kind]);
    await setKind('LIVE');
    expect(await read(testKey)).toEqual({ ...before, prompt: null, costUsd: null });
    expect(await read(liveKey)).toEqual(before);
    await setKind('PAPER');
  });

  it.each(['publishedAccount', 'publishedOrder', 'publishedTrade', 'publishedLine'])(
    'sees what is on paper: %s',
    async (thing) => {
      expect(await outcome('Query.node', thing, testKey)).toBe('data');
    },
  );

  it('lists accounts on paper alone, beneath people and models as well', async () => {
    const listed = async (token: string) => {
      const { data } = await estate.graph.ask(
        `{ viewer { accounts { totalCount nodes { kind } } user { id }
             models { nodes { accounts { totalCount nodes { kind } } } } } }`,
        token,
      );
      return JSON.stringify(data)
        .match(/LIVE|PAPER/g)
        ?.toSorted();
    };
    // The owner's own and that of the private model are live; a spare one and those of the other two models are not. The
    // private model is listed with its account for the live key alone.
    const [live, paper] = [
      ['LIVE', 'LIVE', 'LIVE'],
      ['PAPER', 'PAPER', 'PAPER', 'PAPER', 'PAPER'],
    ];
    expect(await listed(testKey)).toEqual(paper);
    expect(await listed(liveKey)).toEqual([...live, ...paper]);
  });

  it.each([
    ['Mutation.placeOrder', 'account'],
    ['Mutation.cancelAllOrders', 'account'],
    ['Mutation.cancelOrder', 'workingOrder'],
    ['Mutation.replaceOrder', 'restingOrder'],
    ['Mutation.placeOrders', 'account'],
    ['Mutation.closePosition', 'account'],
    ['Mutation.closeAllPositions', 'account'],
    ['Mutation.updateAccount', 'account'],
    ['Mutation.closeAccount', 'account'],
    ['Mutation.resetAccount', 'account'],
    ['Mutation.depositFunds', 'account'],
    ['Mutation.withdrawFunds', 'account'],
    ['Mutation.recordTrade', 'externalAccount'],
    ['Mutation.createStatement', 'account'],
    ['Mutation.setKillSwitch', 'account'],
    ['Mutation.startModel', 'privateModel'],
    ['Mutation.updateModel', 'privateModel'],
    ['Mutation.stopModel', 'privateModel'],
  ])('does nothing where it is not on paper: %s of %s', async (place, thing) => {
    await untilQuiet(database);
    const before = await dumpTables(database);
    expect(await outcome(place, thing, testKey)).toBe('NOT_FOUND');
    expect(await dumpTables(database)).toEqual(before);
  });

  it('halts no trading of all accounts, those with real money included', async () => {
    await untilQuiet(database);
    const before = await dumpTables(database);
    expect(await outcome('Mutation.setKillSwitch', 'user', testKey)).toBe('FORBIDDEN');
    expect(await dumpTables(database)).toEqual(before);
  });

  it.each([
    ['Mutation.placeOrder', 'publishedAccount'],
    ['Mutation.placeOrders', 'publishedAccount'],
    ['Mutation.closePosition', 'publishedAccount'],
    ['Mutation.closeAllPositions', 'publishedAccount'],
    ['Mutation.updateAccount', 'spareAccount'],
    ['Mutation.depositFunds', 'spareAccount'],
    ['Mutation.createStatement', 'spareAccount'],
    ['Mutation.createAccount', '-'],
    ['Mutation.updateModel', 'publishedModel'],
    ['Mutation.createModel', '-'],
    ['Query.model', 'publicModel'],
    ['Query.agentLogs', 'publicModel'],
  ])('works on paper: %s of %s', async (place, thing) => {
    expect(await outcome(place, thing, testKey)).toBe('data');
  });
});

describe('row-level security alone', () => {
  const TABLES = ['accounts', 'orders', 'trades', 'positions', 'ledger_entries', 'equity_points'];
  const OTHERS = ['order_events', 'ledger_transfers', 'event_log'];

  /** How many rows the owner sees of a table, with a key and without, and how many there are on paper. */
  const counts = (viewer: Viewer, table: string) =>
    database.server.snapshot({ ...viewer }, async (tx) => {
      const [row] = await tx.$queryRawUnsafe<{ count: number }[]>(
        `SELECT count(*)::int AS count FROM ${table}`,
      );
      return row?.count ?? 0;
    });
  const owned = async (sql: string) => {
    const [row] = await database.query<{ count: number }>(sql, [estate.owner.id]);
    return row?.count ?? 0;
  };

  it.each(TABLES)('shows a key for tests what is on paper alone: %s', async (table) => {
    const column = table === 'accounts' ? 'id' : 'account_id';
    const onPaper = await owned(
      `SELECT count(*)::int AS count FROM ${table} WHERE owner_id = $1 AND ${column} IN
         (SELECT id FROM accounts WHERE kind = 'PAPER')`,
    );
    const all = await owned(`SELECT count(*)::int AS count FROM ${table} WHERE owner_id = $1`);
    expect(await counts(testViewer, table)).toBe(onPaper);
    expect(await counts({ ...testViewer, apiKey: null }, table)).toBe(all);
    expect(onPaper).toBeLessThan(all);
  });

  it.each(OTHERS)('and less than all of what hangs on it: %s', async (table) => {
    const seen = await counts(testViewer, table);
    const all = await counts({ ...testViewer, apiKey: null }, table);
    expect(seen).toBeGreaterThan(0);
    expect(seen).toBeLessThan(all);
  });

  it.each(['models', 'model_secrets', 'agent_log'])(
    'hides models that are not on paper: %s',
    async (table) => {
      const id = table === 'models' ? 'id' : 'model_id';
      const seen = (viewer: Viewer) =>
        database.server.snapshot({ ...viewer }, async (tx) => {
          const rows = await tx.$queryRawUnsafe<{ model: string }[]>(
            `SELECT DISTINCT ${id}::text AS model FROM ${table} WHERE owner_id = $1::uuid`,
            estate.owner.id,
          );
          return new Set(rows.map(({ model }) => model));
        });
      const all = await seen({ ...testViewer, apiKey: null });
      const { private: live } = estate.models;
      expect(all).toContain(live.id);
      expect(await seen(testViewer)).toEqual(
        new Set([...all].filter((model) => model !== live.id)),
      );
    },
  );

  it('hides news of models that are not on paper', async () => {
    const news = (viewer: Viewer, modelId: string) =>
      database.server.snapshot({ ...viewer }, async (tx) => {
        const rows = await tx.$queryRawUnsafe<unknown[]>(
          'SELECT 1 FROM event_log WHERE topic = $1',
          `model:${modelId}`,
        );
        return rows.length;
      });
    const { private: live, published } = estate.models;
    for (const model of [live, published]) {
      await database.query(
        `INSERT INTO outbox (topic, owner_id, type, version, payload, occurred_at)
         VALUES ($1, $2, 'ModelChanged', 1, '{}', now())`,
        [`model:${model.id}`, estate.owner.id],
      );
    }
    const session = { ...testViewer, apiKey: null };
    await eventually('the news are in the log', async () => (await news(session, live.id)) > 0);
    await eventually('of both', async () => (await news(testViewer, published.id)) > 0);
    expect(await news(testViewer, live.id)).toBe(0);
  });

  it('lets it change no account, order or model that is not on paper', async () => {
    const { account, workingOrder, models } = estate;
    const statements: [string, string][] = [
      ['UPDATE accounts SET reserved = reserved WHERE id = $1::uuid', account.id],
      ['UPDATE orders SET version = version WHERE id = $1::uuid', workingOrder.id],
      ['UPDATE models SET status = status WHERE id = $1::uuid', models.private.id],
    ];
    for (const [sql, id] of statements) {
      const run = (viewer: Viewer) =>
        database.server.withViewer({ ...viewer }, (tx) => tx.$executeRawUnsafe(sql, id));
      expect([sql, await run(testViewer)]).toEqual([sql, 0]);
      expect([sql, await run({ ...testViewer, apiKey: null })]).toEqual([sql, 1]);
    }
  });

  it('lets it place no order where it is not on paper', async () => {
    const session = await openRoleSession(database.serverUrl);
    const insert = `WITH viewer AS (SELECT set_config('app.api_key_environment', $2, true))
      INSERT INTO orders (id, owner_id, account_id, instrument_id, client_order_id, side, type,
        time_in_force, quantity, status, filled_quantity, filled_notional, reserved, version,
        created_at, updated_at)
      SELECT $3::uuid, owner_id, account_id, instrument_id, $3, side, type, time_in_force, quantity,
        'DENIED', 0, 0, 0, 1, now(), now() FROM orders, viewer WHERE account_id = $1::uuid LIMIT 1`;
    const owner = { userId: estate.owner.id, role: 'USER' };
    const values = (environment: string) => [estate.account.id, environment, randomUUID()];
    const refusals = [
      await session.refusalOf(owner, insert, values('TEST')),
      await session.refusalOf(owner, insert, values('LIVE')),
    ];
    expect(refusals).toEqual([INSUFFICIENT_PRIVILEGE, 'done']);
  });
});
