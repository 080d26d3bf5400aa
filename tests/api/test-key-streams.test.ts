import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { startServer, type RunningServer } from '../../src/server.ts';
import { addApiKey } from '../support/api-keys.ts';
import { collect } from '../support/collected.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { settleEstate, type Estate } from '../support/estate.ts';
import { openGraph, type Answer } from '../support/graph.ts';
import { connectBySocket, TRANSPORTS } from '../support/live-connection.ts';
import { eventually } from '../support/outbox.ts';
import { outcomeOf } from './isolation-outcome.ts';
import { PROBES } from './isolation-probes.ts';
import { thingsOf } from './isolation-things.ts';

let database: TestDatabase;
let estate: Estate;
let server: RunningServer;
/** Of the owner, with all the scopes that the owner can give. */
let testKey: string;
let liveKey: string;

beforeAll(async () => {
  database = await createTestDatabase();
  const graph = await openGraph(database, { variables: { PORT: '0' } });
  afterAll(() => graph.app.stop());
  estate = await settleEstate(graph, database);
  server = await startServer(graph);
  afterAll(() => server.stop());
  const scopes = ['READ', 'TRADE', 'AGENT'] as const;
  ({ secret: testKey } = await addApiKey(graph.app, estate.owner, { scopes, environment: 'TEST' }));
  ({ secret: liveKey } = await addApiKey(graph.app, estate.owner, { scopes }));
  // Money that is real, as far as anybody can tell.
  await database.query(`UPDATE accounts SET kind = 'LIVE' WHERE id = $1`, [estate.account.id]);
});

describe.each(TRANSPORTS)('over $transport, a key for tests', ({ connect }) => {
  it('hears of accounts on paper alone', async () => {
    const query =
      'subscription { balanceChanged { ... on BalanceChanged { account { id kind } } } }';
    const open = (token: string) => {
      const connection = connect({ url: server.url, token });
      afterAll(() => {
        connection.close();
      });
      return collect(connection.iterate({ query }));
    };
    const [ofTest, ofLive] = [open(testKey), open(liveKey)];
    const kindsOf = ({ results }: typeof ofTest) =>
      results.flatMap(({ data }) => JSON.stringify(data).match(/LIVE|PAPER/g) ?? []);
    await eventually('both have begun', () =>
      [ofTest, ofLive].every(({ results }) => results.length >= 2),
    );
    const { account, floor, models, instrument, place } = estate;
    await floor.hold(account, instrument, '1');
    await eventually('the live key hears of it', () => kindsOf(ofLive).at(-1) === 'LIVE');
    await place(models.published.account, { instrument, quantity: '1' });
    await eventually('both hear of paper', () =>
      [ofTest, ofLive].every((stream) => kindsOf(stream).at(-1) === 'PAPER'),
    );
    expect(new Set(kindsOf(ofTest))).toEqual(new Set(['PAPER']));
  });

  const ACCOUNT_STREAMS = [
    ...['equityUpdated', 'positionMarks', 'orderEvents', 'positionChanged', 'riskEvents'],
  ];
  const FIELDS: Readonly<Record<string, string>> = {
    equityUpdated: 'equity',
    positionMarks: 'asOf',
    orderEvents: '... on OrderChanged { order { id } }',
    positionChanged: '... on PositionChanged { position { id } }',
    riskEvents: '__typename',
  };
  /** What a stream of an account of the owner's comes to first. */
  const firstOf = async (field: string, account: string, token: string) => {
    const connection = connect({ url: server.url, token });
    afterAll(() => {
      connection.close();
    });
    const { id = '' } = thingsOf(estate)[account] ?? {};
    const query = `subscription { ${field}(accountId: "${id}") { ${String(FIELDS[field])} } }`;
    const { results } = collect(connection.iterate({ query }));
    await eventually('it has answered', () => results.length > 0);
    return results[0]?.errors?.map(({ extensions }) => extensions?.['code']) ?? 'data';
  };

  it.each(ACCOUNT_STREAMS)('has no %s of an account with real money', async (field) => {
    expect(await firstOf(field, 'account', testKey)).toEqual(['NOT_FOUND']);
    // Orders are told of when they change; all others begin with how it stands.
    if (field === 'orderEvents') return;
    expect(await firstOf(field, 'account', liveKey)).toBe('data');
    // Nobody limits that one.
    if (field === 'riskEvents') return;
    expect(await firstOf(field, 'publishedAccount', testKey)).toBe('data');
  });
});

test("a key for tests sets a dead man's switch on paper alone", async () => {
  const connection = connectBySocket({ url: server.url, token: testKey });
  const arm = async (account: string) => {
    const query = `mutation { ${String(
      PROBES['Mutation.cancelOnDisconnect']?.(thingsOf(estate)[account]),
    )} }`;
    const { value } = (await connection.iterate({ query }).next()) as { value: Answer };
    return outcomeOf(value, 'cancelOnDisconnect');
  };
  const switches = () => database.query('SELECT * FROM disconnect_switches ORDER BY id');
  const before = await switches();
  expect(await arm('account')).toBe('NOT_FOUND');
  expect(await switches()).toEqual(before);
  expect(await arm('publishedAccount')).toBe('data');
  expect(await switches()).toHaveLength(before.length + 1);
  connection.close();
});
