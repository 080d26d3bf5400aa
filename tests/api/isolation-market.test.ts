import { getNamedType } from 'graphql';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestDatabase } from '../support/database.ts';
import { settleEstate, type Estate } from '../support/estate.ts';
import { openGraph } from '../support/graph.ts';
import { tokenOf } from './isolation-callers.ts';
import { readFieldTable, readRootTable } from './isolation-lines.ts';
import { outcomeOf } from './isolation-outcome.ts';
import { PROBES } from './isolation-probes.ts';
import { WALK_TIMEOUT_MS, walkAs } from './isolation-walk.ts';

const audiences = readFieldTable();
let estate: Estate;

beforeAll(async () => {
  const database = await createTestDatabase();
  const graph = await openGraph(database, { variables: { PUBLIC_MARKET_DATA: 'false' } });
  afterAll(() => graph.app.stop());
  estate = await settleEstate(graph, database);
});

/** Queries and subscriptions that give what is of the market. */
function marketRoots() {
  const isMarket = (typeName: string) =>
    [...audiences].some(([place, who]) => who === 'market' && place.startsWith(`${typeName}.`));
  const fields = estate.graph.schema.getQueryType()?.getFields() ?? {};
  return readRootTable()
    .filter(({ place }) => place.startsWith('Query.'))
    .filter(({ fieldName }) => {
      const field = fields[fieldName];
      return field !== undefined && isMarket(getNamedType(field.type).name);
    });
}

it('is closed to callers without a log-in when the config says so', async () => {
  expect(marketRoots().map(({ fieldName }) => fieldName)).toEqual([
    ...['bars', 'instrument', 'instruments', 'news', 'quotes'],
  ]);
  const token = await tokenOf(estate, 'viewer');
  for (const { place, fieldName } of marketRoots()) {
    const document = `{ ${String(PROBES[place]?.(undefined))} }`;
    const outcomes = [
      outcomeOf(await estate.graph.ask(document), fieldName),
      outcomeOf(await estate.graph.ask(document, token), fieldName),
    ];
    expect({ place, outcomes }).toEqual({ place, outcomes: ['UNAUTHENTICATED', 'data'] });
  }
});

it(
  'is not come to by another way either',
  async () => {
    const { graph } = estate;
    const { sights } = await walkAs('anonymous', { estate, graph, token: undefined });
    const seen = sights
      .filter(({ typeName, fieldName }) => audiences.get(`${typeName}.${fieldName}`) === 'market')
      .map(({ path, fieldName }) => `${path} ${fieldName}`);
    expect(seen).toEqual([]);
  },
  WALK_TIMEOUT_MS,
);
