import { isObjectType, type GraphQLSchema } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT_ACCESS } from '../../src/schema/access.ts';
import { createTestDatabase } from '../support/database.ts';
import { settleEstate, type Estate } from '../support/estate.ts';
import { openGraph } from '../support/graph.ts';
import { tokensOf, type Tokens } from './isolation-callers.ts';
import { readFieldTable, readRootTable } from './isolation-lines.ts';
import { outcomeOf } from './isolation-outcome.ts';
import { PROBES } from './isolation-probes.ts';
import { CALLERS } from './isolation-table.ts';
import { thingsOf } from './isolation-things.ts';

const roots = readRootTable();

let estate: Estate;
let tokens: Tokens;

beforeAll(async () => {
  const database = await createTestDatabase();
  const graph = await openGraph(database);
  afterAll(() => graph.app.stop());
  estate = await settleEstate(graph, database);
  tokens = await tokensOf(estate);
});

/** `Type.field` of every object type of the graph. */
function placesOf(schema: GraphQLSchema): string[] {
  return Object.values(schema.getTypeMap())
    .filter((type) => isObjectType(type))
    .filter(({ name }) => !name.startsWith('__'))
    .flatMap((type) => Object.keys(type.getFields()).map((field) => `${type.name}.${field}`));
}

describe('the tables', () => {
  it('have a line for every field of the graph, and none besides', () => {
    const lines = [...readFieldTable().keys(), ...new Set(roots.map(({ place }) => place))];
    expect(lines.toSorted()).toEqual(placesOf(estate.graph.schema).toSorted());
  });

  it('and the table of scopes ask for a log-in at the same fields', () => {
    const closed = roots.filter(({ outcomes }) => outcomes.anonymous === 'UNAUTHENTICATED');
    const scoped = Object.entries(ROOT_ACCESS).flatMap(([typeName, fields]) =>
      Object.entries(fields).flatMap(([name, who]) =>
        who === 'loggedIn' || who === 'administrators' ? `${typeName}.${name}` : [],
      ),
    );
    expect(new Set(scoped)).toEqual(new Set(closed.map(({ place }) => place)));
  });

  it('name things that there are', () => {
    const things = roots.flatMap(({ thing }) => thing ?? []);
    expect(Object.keys(thingsOf(estate))).toEqual(expect.arrayContaining(things));
  });
});

describe.each(roots.filter(({ place }) => place.startsWith('Query.')))(
  '$title',
  ({ place, fieldName, thing, outcomes }) => {
    it.each(CALLERS)('answers the %s as its line says', async (caller) => {
      const about = thing === undefined ? undefined : thingsOf(estate)[thing];
      const answer = await estate.graph.ask(
        `{ ${String(PROBES[place]?.(about))} }`,
        tokens[caller],
      );
      expect(outcomeOf(answer, fieldName)).toBe(outcomes[caller]);
    });
  },
);

it.each(CALLERS)(
  'the models listed to the %s are the public ones and their own',
  async (caller) => {
    const answer = await estate.graph.ask('{ models { nodes { name } } }', tokens[caller]);
    const { private: hidden, public: shown, published } = estate.models;
    const names = [published.name, shown.name, ...(caller === 'owner' ? [hidden.name] : [])];
    expect(answer.data).toEqual({ models: { nodes: names.map((name) => ({ name })) } });
  },
);
