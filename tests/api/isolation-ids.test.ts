import { isInputObjectType, getNamedType, type GraphQLInputType } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase } from '../support/database.ts';
import { settleEstate, type Estate } from '../support/estate.ts';
import { openGraph } from '../support/graph.ts';
import { OUTSIDERS, tokensOf, type Tokens } from './isolation-callers.ts';
import { readRootTable, type RootLine } from './isolation-lines.ts';
import { PROBES } from './isolation-probes.ts';
import { neverWas, thingsOf, type Thing } from './isolation-things.ts';

const lines = readRootTable().filter(({ thing }) => thing !== undefined);
let estate: Estate;
let tokens: Tokens;

beforeAll(async () => {
  const database = await createTestDatabase();
  const graph = await openGraph(database);
  afterAll(() => graph.app.stop());
  estate = await settleEstate(graph, database);
  tokens = await tokensOf(estate);
});

/** The owner's thing that a line is about. */
function thingOf({ thing = '' }: RootLine): Thing {
  const found = thingsOf(estate)[thing];
  if (!found) throw new Error(`There is no ${thing}.`);
  return found;
}

/** Whether an id of an object stands somewhere in an argument. */
function takesId(type: GraphQLInputType): boolean {
  const named = getNamedType(type);
  if (!isInputObjectType(named)) return named.name === 'ID';
  return Object.values(named.getFields()).some((field) => takesId(field.type));
}

it('is told of every root field that takes an id', () => {
  const { schema } = estate.graph;
  const types = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  const takers = types.flatMap((type) =>
    Object.values(type?.getFields() ?? {})
      .filter(({ args }) => args.some((arg) => takesId(arg.type)))
      .map((field) => `${String(type)}.${field.name}`),
  );
  expect(new Set(lines.map(({ place }) => place))).toEqual(new Set(takers));
});

describe.each(OUTSIDERS)('to the %s', (caller) => {
  const hidden = lines.filter(
    ({ place, outcomes }) => outcomes[caller] !== 'data' && !place.startsWith('Subscription.'),
  );

  it.each(hidden)('$title answers as for an id that never was', async (line) => {
    const ask = (thing: Thing) => {
      const operation = line.place.startsWith('Query.') ? '' : 'mutation';
      const probe = String(PROBES[line.place]?.(thing));
      return estate.graph.ask(`${operation} { ${probe} }`, tokens[caller]);
    };
    const foreign = thingOf(line);
    expect(await ask(foreign)).toEqual(await ask(neverWas(foreign)));
  });

  it('an account beneath the viewer answers as for an id that never was', async () => {
    const ask = ({ id }: Thing) =>
      estate.graph.ask(`{ viewer { account(id: "${id}") { id } } }`, tokens[caller]);
    const { account } = thingsOf(estate);
    if (!account) throw new Error('The owner has no account.');
    expect(await ask(account)).toEqual(await ask(neverWas(account)));
  });

  it('many ids at once answer as ids that never were', async () => {
    const ask = (things: readonly Thing[]) => {
      const ids = JSON.stringify(things.map(({ id }) => id));
      return estate.graph.ask(`{ nodes(ids: ${ids}) { __typename id } }`, tokens[caller]);
    };
    const nodes = hidden.filter(({ place }) => place === 'Query.node').map(thingOf);
    const answer = await ask(nodes);
    expect(answer.data).toEqual({ nodes: nodes.map(() => null) });
    expect(answer).toEqual(await ask(nodes.map(neverWas)));
  });
});
