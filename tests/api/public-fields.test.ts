import { isObjectType, parse } from 'graphql';
import { describe, expect, test } from 'vitest';
import { buildSchema } from '../../src/resolvers/index.ts';
import { FIELD_ACCESS, rootFieldAudience, typeAudience } from '../../src/schema/access.ts';
import { rootKeyAccess } from '../../src/schema/key-access.ts';
import { PUBLIC_FIELDS, PUBLIC_ROOTS, PUBLIC_WRITES } from '../../src/schema/public-reads.ts';
import { publicPlanOf } from '../../src/server/public-plan.ts';
import { openTestApp } from '../support/app.ts';
import { openGraph } from '../support/graph-call.ts';

const schema = buildSchema();
const FOR_ALL = ['everyone', 'marketData'];
const fieldsOf = (name: string): string[] => {
  const type = schema.getType(name);
  return isObjectType(type) ? Object.keys(type.getFields()) : [];
};

describe('what is listed as public', () => {
  test.each(Object.keys(PUBLIC_ROOTS))(
    'the root %s is open to everyone, and to every key',
    (name) => {
      expect(FOR_ALL).toContain(rootFieldAudience('Query', name));
      expect(rootKeyAccess('Query', name)).toBe('none');
    },
  );

  test.each(Object.entries(PUBLIC_FIELDS))(
    '%s and its fields are there, for all',
    (name, fields) => {
      expect(fieldsOf(name)).toEqual(expect.arrayContaining([...fields]));
      // A model is on a board only while it is public, and is there for everyone then.
      expect([...FOR_ALL, ...(name === 'Model' ? ['modelReaders'] : [])]).toContain(
        typeAudience(name),
      );
      for (const field of fields) expect(FIELD_ACCESS).not.toHaveProperty([`${name}.${field}`]);
    },
  );

  test('a model is reached from a board alone', () => {
    const others = Object.entries(PUBLIC_FIELDS).flatMap(([name, fields]) => {
      const type = schema.getType(name);
      if (!isObjectType(type)) return [];
      return fields.filter((field) => /Model\b/.test(String(type.getFields()[field]?.type)));
    });
    expect(others).toEqual(['model']);
  });

  test('mutations that change it are there', () => {
    expect(fieldsOf('Mutation')).toEqual(expect.arrayContaining([...PUBLIC_WRITES]));
  });
});

const planOf = (text: string, name?: string) => publicPlanOf(schema, parse(text), name);

describe('a plan', () => {
  test.each([
    '{ instruments { nodes { symbol } } }',
    '{ a: instruments { ...F } __typename } fragment F on InstrumentConnection { totalCount __typename }',
    '{ ... on Query { instrument(symbol: "A") { name ... { symbol } } } }',
    'query ($b: Boolean!) { instruments { nodes { symbol name @skip(if: $b) } } }',
    '{ leaderboard { entries { edges { cursor node { rank model { id name } } } } } }',
  ])('is there for %s', (text) => {
    expect(planOf(text)).not.toBeNull();
  });

  test.each([
    '{ __typename }',
    '{ __schema { queryType { name } } }',
    '{ instruments { nodes { symbol } } viewer { user { id } } }',
    'query ($b: Boolean!) { instruments { nodes { symbol isOpen @include(if: $b) } } }',
    '{ instruments { ...F } } fragment F on InstrumentConnection { nodes { quote { bid } } }',
    '{ node(id: "x") { ... on Instrument { symbol } } }',
    '{ instrument(symbol: "A") { ... on Node { id } } }',
    '{ leaderboard { entries { nodes { model { name prompt } } } } }',
    '{ leaderboard { entries { nodes { model { owner { id } } } } } }',
    '{ models { nodes { name } } }',
    'mutation { logOut { __typename } }',
    'subscription { quotes(symbols: []) { bid } }',
  ])('is not there for %s', (text) => {
    expect(planOf(text)).toBeNull();
  });

  test('says what ends an answer, and which variables make it another', () => {
    const text = `query A($n: Int, $s: String!) { instruments(first: $n) { totalCount } a: instrument(symbol: $s)
      { name } } query B { bars(symbol: "A", interval: DAY_1) { totalCount } }`;
    expect(planOf(text, 'A')).toMatchObject({
      ...{ sources: ['instruments'], isOfTheMoment: false, variables: ['n', 's'] },
    });
    expect(planOf(text, 'B')).toMatchObject({
      ...{ sources: ['bars', 'instruments'], isOfTheMoment: true, variables: [] },
    });
    expect(planOf(text, 'A')?.text).not.toBe(planOf(text, 'B')?.text);
    expect(planOf(text, 'C')).toBeNull();
  });
});

test('answers are equal whoever asks, field by field', async () => {
  const house = await openTestApp();
  const graph = openGraph(house);
  const people = [await house.addPerson('ada'), await house.addPerson('root', 'ADMIN')];
  await house.database.query(
    `INSERT INTO bars (instrument_id, interval, open_time, known_at, close_time, open, high, low,
       close, volume, source)
     VALUES ($1, 'DAY_1', '2026-01-01', '2026-01-02', '2026-01-02', 15, 20, 1, 10, 5, 'IMPORTED')`,
    [house.instrument.id],
  );
  await graph.data(
    `mutation { createModel(input: { name: "Comet", universe: ["ACME.SIM"], startingCash: "1000",
       intervalSeconds: 60, visibility: PUBLIC, idempotencyKey: "a" }) { __typename } }`,
    { token: people[0]?.token },
  );
  const all = (name: string) =>
    (PUBLIC_FIELDS[name] ?? []).filter(
      (field) => !['benchmark', 'entries', 'model'].includes(field),
    );
  const now = new Date(Date.now() + 1_000).toISOString();
  const query = `{
    instruments { totalCount pageInfo { ${all('PageInfo').join(' ')} } nodes { ${all('Instrument').join(' ')} } }
    instrument(symbol: "ACME.SIM") { id }
    bars(symbol: "ACME.SIM", interval: DAY_1) { edges { cursor node { ${all('Bar').join(' ')} } } }
    leaderboard(benchmarkSymbol: "ACME.SIM", asOf: "${now}") { metric window minimumSample
      benchmark { ${all('LeaderboardBenchmark').join(' ')} }
      entries { nodes { ${all('LeaderboardEntry').join(' ')} model { ${all('Model').join(' ')} } } } } }`;
  const answers = await Promise.all(
    [undefined, ...people].map((person) => graph.data(query, { token: person?.token })),
  );
  expect(planOf(query)).not.toBeNull();
  expect(JSON.stringify(answers[0])).toMatch(/"close":"10".*"modelName":"Comet"/);
  expect(answers[1]).toEqual(answers[0]);
  expect(answers[2]).toEqual(answers[0]);
});
