import { buildSchema, GraphQLError, isObjectType, parse, type ExecutionResult } from 'graphql';
import { describe, expect, test } from 'vitest';
import { createSharedResults } from '../../../src/server/shared-results.ts';

const schema = buildSchema(`
  type Query { now: Int }
  type Tick { name: String! price: String }
  type Subscription { ticks(symbols: [String!]!): Tick! }`);
for (const name of ['Tick', 'Subscription']) {
  const type = schema.getType(name);
  if (!isObjectType(type)) throw new Error(`There is no ${name}.`);
  for (const field of Object.values(type.getFields())) field.extensions = { shared: true };
}

const QUERY = `subscription ($s: [String!]!, $x: Boolean = false) {
  ticks(symbols: $s) { name price @skip(if: $x) } }`;

/** What is executed answers with its number, unless `answer` says otherwise. */
function house(answer?: (event: object) => ExecutionResult) {
  const executed: object[] = [];
  const results = createSharedResults(async (_args, event) => {
    executed.push(event);
    return answer?.(event) ?? { data: { number: executed.length } };
  });
  const join = (variableValues: Record<string, unknown>, query = QUERY) => {
    const reader = results.join({ schema, document: parse(query), variableValues });
    if (!reader) throw new Error('It is not shared.');
    return reader;
  };
  return { executed, join };
}

describe('readers of one document', () => {
  test('get one result of an event, executed once and written once', async () => {
    const { executed, join } = house();
    const readers = Array.from({ length: 100 }, (_, index) => join({ s: ['A', `S${index}`] }));
    const event = {};
    const found = await Promise.all(readers.map(async (reader) => reader.resultOf(event)));
    expect(executed).toEqual([event]);
    expect(new Set(found).size).toBe(1);
    expect(found[0]?.payload.toString()).toBe('{"data":{"number":1}}');
    // Whoever is later gets what is there, at once.
    expect(join({ s: ['A'] }).resultOf(event)).toBe(found[0]);
  });

  test('get another result of another event, equal as it may look', async () => {
    const { join } = house();
    const reader = join({ s: [] });
    const [one, two] = [await reader.resultOf({}), await reader.resultOf({})];
    expect([one, two].map((found) => found?.payload.toString())).toEqual([
      '{"data":{"number":1}}',
      '{"data":{"number":2}}',
    ]);
  });

  test.each([
    ['a variable of a directive', { s: [], x: true }, { s: [], x: false }],
    ['one that is given, and one that is left to its default', { s: [], x: false }, { s: [] }],
    ['null, and one that is left to its default', { s: [], x: null }, { s: [] }],
  ])('share nothing with those who differ in %s', async (_name, one, other) => {
    const { executed, join } = house();
    const event = {};
    const [first, second] = [join(one), join(other)];
    expect(await first.resultOf(event)).not.toBe(await second.resultOf(event));
    expect(executed).toHaveLength(2);
  });

  test('share nothing with those who select otherwise', async () => {
    const { executed, join } = house();
    const event = {};
    await join({ s: [] }).resultOf(event);
    await join({ s: [] }, 'subscription ($s: [String!]!) { ticks(symbols: $s) { name } }').resultOf(
      event,
    );
    expect(executed).toHaveLength(2);
  });

  test.each([
    ['has an error', () => ({ data: null, errors: [new GraphQLError('No.')] })],
    [
      'has an error beside its data',
      () => ({ data: { ticks: { name: 'A', price: null } }, errors: [new GraphQLError('No.')] }),
    ],
    [
      'fails altogether',
      () => {
        throw new Error('No.');
      },
    ],
  ])('get none to share of an event whose result %s', async (_name, answer) => {
    const bad = {};
    const { executed, join } = house((event) =>
      event === bad ? answer() : { data: { ticks: { name: 'B' } } },
    );
    const [one, other] = [join({ s: [] }), join({ s: [] })];
    expect(await Promise.all([one.resultOf(bad), other.resultOf(bad)])).toEqual([null, null]);
    // Nor is it tried again for each.
    expect(executed).toHaveLength(1);
    expect((await one.resultOf({}))?.payload.toString()).toBe('{"data":{"ticks":{"name":"B"}}}');
  });

  test('who leave take nothing from those who stay', async () => {
    const { executed, join } = house();
    const [one, other] = [join({ s: [] }), join({ s: [] })];
    const event = {};
    await one.resultOf(event);
    one.leave();
    one.leave();
    await other.resultOf(event);
    await join({ s: [] }).resultOf(event);
    expect(executed).toHaveLength(1);
  });
});
