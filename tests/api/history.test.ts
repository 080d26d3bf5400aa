import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { thingsOf, type Things } from './isolation-things.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { settleEstate, type Estate } from '../support/estate.ts';
import { openGraph, type Graph } from '../support/graph.ts';
import { statementsOf } from '../support/statement-watch.ts';

let database: TestDatabase;
let graph: Graph;
let estate: Estate;
let things: Things;
let token: string;

beforeAll(async () => {
  database = await createTestDatabase();
  graph = await openGraph(database);
  afterAll(() => graph.app.stop());
  estate = await settleEstate(graph, database);
  things = thingsOf(estate);
  token = await graph.logIn(estate.owner);
});

const idOf = (name: string) => String(things[name]?.id);
const dataOf = async (document: string) => {
  const { data, errors } = await graph.ask(document, token);
  expect(errors).toBeUndefined();
  return data;
};

describe('positions as of a time', () => {
  const FIELDS = `totalCount nodes { id asOf quantity totalCost averagePrice realizedPnl closedAt updatedAt
    marketValue unrealizedPnl mark { price isStale source } instrument { symbol } }`;

  test('are valued at what was known then, under the same ids', async () => {
    // The bar of ACME.SIM closed at 100; 10 were bought at 101 later. So now the past of now is asked for.
    const account = idOf('account');
    const [{ now } = { now: '' }] = await database.query<{ now: string }>(
      `SELECT to_char(max(executed_at) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS now
       FROM trades WHERE account_id = $1`,
      [estate.account.id],
    );
    const data = await dataOf(`{
      past: positions(accountId: "${account}", symbol: "ACME.SIM", asOf: "${now}") { ${FIELDS} }
      present: positions(accountId: "${account}", symbol: "ACME.SIM") { ${FIELDS} }
      before: positions(accountId: "${account}", asOf: "2020-01-01T00:00:00Z") { ${FIELDS} }
    }`);
    const same = {
      id: expect.any(String) as string,
      quantity: '10',
      totalCost: '1010',
      closedAt: null,
    };
    // 10 × 100 = 1,000, of which 1,010 were paid.
    const value = { averagePrice: '101', marketValue: '1000', unrealizedPnl: '-10' };
    const past = { ...same, ...value, asOf: now, mark: { price: '100', source: 'SIMULATED' } };
    expect(data).toMatchObject({
      past: { totalCount: 1, nodes: [past] },
      present: { totalCount: 1, nodes: [{ ...same, ...value, asOf: null }] },
      before: { totalCount: 0, nodes: [] },
    });
  });

  test('take a statement a level', async () => {
    const document = `{ positions(asOf: "2100-01-01T00:00:00Z") { ${FIELDS} } }`;
    const count = async () => (await statementsOf(() => dataOf(document))).length;
    const before = await count();
    await estate.place(estate.account, { instrument: estate.instrument, quantity: '1' });
    expect(await count()).toBe(before);
  });
});

describe('a search in a log', () => {
  const search = async (text: string) =>
    graph.ask(
      `{ agentLogs(modelId: "${idOf('privateModel')}", search: ${JSON.stringify(text)}) {
        totalCount nodes { content } pageInfo { hasNextPage } } }`,
      token,
    );

  test('finds words', async () => {
    expect((await search('thoughts -public')).data).toMatchObject({
      agentLogs: { totalCount: 1, nodes: [{ content: 'Thought of the private model' }] },
    });
  });

  test.each(['', '"', '-', '& | ! <-> :*', '\\', "'; DROP TABLE agent_log; --", '((((((', 'the'])(
    'of hostile or empty words finds nothing: %j',
    async (text) => {
      const { data, errors } = await search(text);
      expect(errors).toBeUndefined();
      expect(data).toMatchObject({ agentLogs: { totalCount: 0, nodes: [] } });
    },
  );

  test.each([
    ['too long', 'x'.repeat(100_000), '1000 characters'],
    ['with a letter of code 0', 'a\0b', 'cannot be stored'],
  ])('%s is refused, in words', async (_what, text, message) => {
    const { errors } = await search(text);
    expect(errors?.[0]?.extensions?.code).toBe('BAD_USER_INPUT');
    expect(errors?.[0]?.message).toContain(message);
  });
});

test('the news are found by symbol, word and time', async () => {
  const FIELDS = `totalCount nodes { id title url summary source publishedAt symbols sentiment
    mentions { symbol relevance sentiment } }`;
  const article = {
    ...{ id: idOf('article'), title: 'Acme opens a plant', url: 'https://news.example/acme' },
    ...{ summary: 'It grows.', source: 'Example News', symbols: ['ACME.SIM'], sentiment: '0.2' },
    publishedAt: '2026-11-20T12:00:00.000Z',
    mentions: [{ symbol: 'ACME.SIM', relevance: '0.9', sentiment: '0.25' }],
  };
  const found = { totalCount: 1, nodes: [article] };
  const nothing = { totalCount: 0, nodes: [] };
  const data = await dataOf(`{
    all: news { ${FIELDS} }
    some: news(symbols: ["BETA.SIM", "ACME.SIM"], search: "plants growing") { ${FIELDS} }
    other: news(symbols: ["BETA.SIM"]) { ${FIELDS} }
    later: news(from: "2026-11-20T12:00:01Z") { ${FIELDS} }
    node(id: "${idOf('article')}") { ... on NewsArticle { title } }
  }`);
  expect(data).toEqual({
    ...{ all: found, some: found, other: nothing, later: nothing },
    node: { title: 'Acme opens a plant' },
  });
});
