import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildSchema } from '../../src/resolvers/index.ts';
import { addApiKey } from '../support/api-keys.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { settleEstate, untilQuiet, type Estate } from '../support/estate.ts';
import { openGraph, type Graph } from '../support/graph.ts';
import { liftRowLevelSecurity } from '../support/open-database.ts';
import { dumpTables } from '../support/table-dump.ts';
import { OUTSIDERS, tokensOf, type Tokens } from './isolation-callers.ts';
import { readRootTable, type RootLine } from './isolation-lines.ts';
import { outcomeOf } from './isolation-outcome.ts';
import { PROBES } from './isolation-probes.ts';
import { thingsOf } from './isolation-things.ts';

type Line = Pick<RootLine, 'place' | 'thing' | 'fieldName'>;

/** What one has in one's hand by its id has no filter, only scopes and row-level security. */
const BY_ID = ['Query.node', 'Query.nodes'];
const lists = readRootTable()
  .filter(({ place }) => place.startsWith('Query.') && !BY_ID.includes(place))
  .filter(({ outcomes }) => outcomes.stranger !== 'data');
const writes = readRootTable()
  .filter(({ place }) => place.startsWith('Mutation.'))
  .filter(({ outcomes }) => outcomes.stranger === 'NOT_FOUND');

let database: TestDatabase;
let estate: Estate;
let tokens: Tokens;
/** The program without scopes, on a database that shows every row to everyone. */
let open: Graph;

beforeAll(async () => {
  database = await createTestDatabase();
  const graph = await openGraph(database);
  afterAll(() => graph.app.stop());
  estate = await settleEstate(graph, database);
  tokens = await tokensOf(estate);
  open = await openGraph(database, {
    schema: buildSchema({ disableScopeAuth: true }),
    serverUrl: await liftRowLevelSecurity(database),
  });
  afterAll(() => open.app.stop());
});

const ask = async ({ place, thing, fieldName }: Line, token?: string): Promise<string> => {
  const about = thing === undefined ? undefined : thingsOf(estate)[thing];
  const operation = place.startsWith('Query.') ? 'query' : 'mutation';
  const answer = await open.ask(`${operation} { ${String(PROBES[place]?.(about))} }`, token);
  return outcomeOf(answer, fieldName);
};

it('the other walls are out', async () => {
  const { order } = thingsOf(estate);
  const { data } = await open.ask(`{ node(id: "${String(order?.id)}") { id } }`);
  expect(data).toEqual({ node: { id: order?.id } });
});

describe.each(OUTSIDERS)('the filters of lists alone show the %s', (caller) => {
  it.each(lists)('as much as all walls together at $title', async (line) => {
    expect(await ask(line, tokens[caller])).toBe(line.outcomes[caller]);
  });

  it('no account of a public model', async () => {
    const { publishedModel } = thingsOf(estate);
    const answer = await open.ask(
      `{ model(id: "${String(publishedModel?.id)}") { accounts { totalCount nodes { id } } } }`,
      tokens[caller],
    );
    const nothing = { model: { accounts: { totalCount: 0, nodes: [] } } };
    const refused = { model: { accounts: null } };
    expect(answer.data).toEqual(caller === 'anonymous' ? refused : nothing);
  });
});

describe('the filters of writes alone', () => {
  it.each(writes)('let the stranger change nothing: $title', async (line) => {
    await untilQuiet(database);
    const before = await dumpTables(database);
    expect(await ask(line, tokens.stranger)).toBe('NOT_FOUND');
    await untilQuiet(database);
    expect(await dumpTables(database)).toEqual(before);
  });

  it.each(
    writes.filter(
      ({ place, outcomes }) => place.startsWith('Mutation.cancel') && outcomes.owner === 'data',
    ),
  )('let the owner do it: $title', async (line) => {
    expect(await ask(line, tokens.owner)).toBe('data');
  });
});

describe('the filters alone, with an account that is not on paper,', () => {
  let testKey: string;
  let liveKey: string;
  beforeAll(async () => {
    const key = { scopes: ['READ', 'TRADE'] } as const;
    const { graph, owner, account } = estate;
    const test = { ...key, environment: 'TEST' } as const;
    ({ secret: testKey } = await addApiKey(graph.app, owner, test));
    ({ secret: liveKey } = await addApiKey(graph.app, owner, key));
    await database.query(`UPDATE accounts SET kind = 'LIVE' WHERE id = $1`, [account.id]);
  });

  it.each([
    ['Query.equityCurve', 'account', 'null'],
    ['Query.orders', 'account', 'empty'],
    ['Query.trades', 'account', 'empty'],
    ['Query.positions', 'account', 'empty'],
    ['Query.previewOrder', 'account', 'NOT_FOUND'],
    ['Mutation.placeOrder', 'account', 'NOT_FOUND'],
    ['Mutation.cancelAllOrders', 'account', 'NOT_FOUND'],
    ['Mutation.cancelOrder', 'workingOrder', 'NOT_FOUND'],
    ['Mutation.replaceOrder', 'restingOrder', 'NOT_FOUND'],
  ])('keep a key for tests from %s of %s', async (place, thing, hidden) => {
    const line = { place, thing, fieldName: String(place.split('.')[1]) };
    await untilQuiet(database);
    const before = await dumpTables(database);
    expect(await ask(line, testKey)).toBe(hidden);
    expect(await dumpTables(database)).toEqual(before);
    expect(await ask(line, liveKey)).not.toBe(hidden);
  });
});
