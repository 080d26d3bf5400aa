import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildSchema } from '../../src/resolvers/index.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { settleEstate, untilQuiet, type Estate } from '../support/estate.ts';
import { openGraph, type Graph } from '../support/graph.ts';
import { liftRowLevelSecurity } from '../support/open-database.ts';
import { dumpTables } from '../support/table-dump.ts';
import { OUTSIDERS, tokensOf, type Tokens } from './isolation-callers.ts';
import { readRootTable } from './isolation-lines.ts';
import { outcomeOf } from './isolation-outcome.ts';
import { PROBES } from './isolation-probes.ts';
import { thingsOf } from './isolation-things.ts';

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

it('the other walls are out', async () => {
  const { order } = thingsOf(estate);
  const { data } = await open.ask(`{ node(id: "${String(order?.id)}") { id } }`);
  expect(data).toEqual({ node: { id: order?.id } });
});

describe.each(OUTSIDERS)('the filters of lists alone show the %s', (caller) => {
  it.each(lists)('as much as all walls together at $title', async (line) => {
    const about = line.thing === undefined ? undefined : thingsOf(estate)[line.thing];
    const document = `{ ${String(PROBES[line.place]?.(about))} }`;
    const answer = await open.ask(document, tokens[caller]);
    expect(outcomeOf(answer, line.fieldName)).toBe(line.outcomes[caller]);
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
  const write = async ({ place, thing, fieldName }: (typeof writes)[number], token?: string) => {
    const about = thing === undefined ? undefined : thingsOf(estate)[thing];
    const answer = await open.ask(`mutation { ${String(PROBES[place]?.(about))} }`, token);
    return outcomeOf(answer, fieldName);
  };

  it.each(writes)('let the stranger change nothing: $title', async (line) => {
    await untilQuiet(database);
    const before = await dumpTables(database);
    expect(await write(line, tokens.stranger)).toBe('NOT_FOUND');
    await untilQuiet(database);
    expect(await dumpTables(database)).toEqual(before);
  });

  it.each(writes.filter(({ place }) => place.startsWith('Mutation.cancel')))(
    'let the owner do it: $title',
    async (line) => {
      expect(await write(line, tokens.owner)).toBe('data');
    },
  );
});
