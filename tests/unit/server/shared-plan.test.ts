import { buildASTSchema, isObjectType, parse, validate, type GraphQLSchema } from 'graphql';
import { describe, expect, test } from 'vitest';
import { buildSchema } from '../../../src/resolvers/index.ts';
import { FIELD_ACCESS, ROOT_ACCESS, typeAudience } from '../../../src/schema/access.ts';
import { sharedPlanOf } from '../../../src/server/shared-plan.ts';

const SDL = `
  type Query { now: Int }
  interface Thing { name: String! }
  type Tick implements Thing {
    name: String!
    price(digits: Int): String!
    maker: Maker!
    mine: Boolean!
    thing: Thing!
  }
  type Maker { name: String! phone: String! }
  type Subscription { ticks(symbols: [String!]!): Tick!  orders: Tick! things: Thing! }`;

/** All of it is shared but what depends on the viewer: `mine`, `phone` and `orders`. */
const graph = flagged(buildASTSchema(parse(SDL)), [
  ...['Subscription.ticks', 'Subscription.things', 'Tick.name', 'Tick.price', 'Tick.maker'],
  ...['Tick.thing', 'Maker.name'],
]);

function flagged(schema: GraphQLSchema, names: readonly string[]): GraphQLSchema {
  for (const name of names) {
    const [typeName = '', fieldName = ''] = name.split('.');
    const type = schema.getType(typeName);
    const field = isObjectType(type) ? type.getFields()[fieldName] : undefined;
    if (!field) throw new Error(`There is no ${name}.`);
    field.extensions = { shared: true };
  }
  return schema;
}

const planOf = (query: string, operationName?: string) => {
  const document = parse(query);
  expect(validate(graph, document)).toEqual([]);
  return sharedPlanOf(graph, document, operationName);
};

describe('a subscription is shared', () => {
  test.each([
    ['of shared fields alone', '{ ticks(symbols: ["A"]) { name price maker { name } } }'],
    ['with the names of types', '{ ticks(symbols: ["A"]) { __typename name } }'],
    ['in fragments', '{ ...R } fragment R on Subscription { ticks(symbols: []) { ... { name } } }'],
  ])('%s', (_name, selections) => {
    expect(planOf(`subscription ${selections}`)).not.toBeNull();
  });

  test.each([
    ['a field of it depends on the viewer', '{ ticks(symbols: []) { name mine } }'],
    ['one far inside does', '{ ticks(symbols: []) { maker { name phone } } }'],
    ['one behind an alias does', '{ ticks(symbols: []) { name: mine } }'],
    ['one in a fragment does', '{ ticks(symbols: []) { ...F } } fragment F on Tick { mine }'],
    ['one behind @include does', '{ ticks(symbols: []) { name mine @include(if: false) } }'],
    ['one behind @skip does', '{ ticks(symbols: []) { name ... @skip(if: true) { mine } } }'],
    ['its root does', '{ orders { name } }'],
    ['the type of a value is to be found out', '{ ticks(symbols: []) { thing { name } } }'],
    ['so is that of the event', '{ things { name } }'],
    ['a fragment through an interface hides one', '{ things { ... on Tick { mine } } }'],
  ])('and not when %s', (_name, selections) => {
    expect(planOf(`subscription ${selections}`)).toBeNull();
  });

  test('and a query or a wrong name never is', () => {
    expect(planOf('{ now }')).toBeNull();
    const two = 'subscription A { ticks(symbols: []) { name } } query B { now }';
    expect([planOf(two, 'A') !== null, planOf(two, 'B'), planOf(two, 'C')]).toEqual([
      true,
      null,
      null,
    ]);
  });
});

describe('what a plan depends on', () => {
  const textOf = (query: string, name?: string) => planOf(query, name)?.text;

  test('are the selections, and not what chooses the events', () => {
    const one = textOf('subscription { ticks(symbols: ["A"]) { name } }');
    expect(textOf('subscription { ticks(symbols: ["B", "C"]) { name } }')).toBe(one);
    expect(textOf('subscription { ticks(symbols: ["A"]) { name price } }')).not.toBe(one);
    expect(textOf('subscription { ticks(symbols: ["A"]) { price: name } }')).not.toBe(one);
    expect(textOf('subscription { all: ticks(symbols: ["A"]) { name } }')).not.toBe(one);
  });

  test('are arguments further in', () => {
    const query = (digits: number) =>
      `subscription { ticks(symbols: []) { price(digits: ${digits}) } }`;
    expect(textOf(query(1))).not.toBe(textOf(query(2)));
  });

  test('are the operation of its name, and the defaults of its variables', () => {
    const both =
      'subscription A { ticks(symbols: []) { name } } subscription B { ticks(symbols: []) { price } }';
    expect(textOf(both, 'A')).not.toBe(textOf(both, 'B'));
    const query = (value: boolean) =>
      `subscription ($x: Boolean! = ${value}) { ticks(symbols: []) { name @include(if: $x) price } }`;
    expect(textOf(query(true))).not.toBe(textOf(query(false)));
  });

  test('are variables, but for those of the root alone', () => {
    const plan = planOf(
      `subscription ($s: [String!]!, $d: Int, $x: Boolean!, $y: Boolean!) {
         ticks(symbols: $s) { price(digits: $d) name @skip(if: $x) ... @include(if: $y) { name } } }`,
    );
    expect(plan?.variables).toEqual(['d', 'x', 'y']);
  });
});

describe('the flag in the graph', () => {
  const schema = buildSchema();
  const shared = Object.values(schema.getTypeMap()).flatMap((type) =>
    isObjectType(type)
      ? Object.values(type.getFields())
          .filter(({ extensions }) => extensions['shared'] === true)
          .map(({ name }) => ({ type: type.name, field: name }))
      : [],
  );

  test('stands on quotes', () => {
    expect(shared).toContainEqual({ type: 'Subscription', field: 'quotes' });
    const query =
      'subscription { quotes(symbols: []) { symbol bid ask last bidSize askSize time } }';
    expect(sharedPlanOf(schema, parse(query), null)).not.toBeNull();
  });

  test('stands on nothing that only some may read', () => {
    const subscriptions: Readonly<Record<string, string>> = ROOT_ACCESS.Subscription;
    for (const { type, field } of shared) {
      const audience = type === 'Subscription' ? subscriptions[field] : typeAudience(type);
      expect(['everyone', 'marketData']).toContain(audience);
      expect(FIELD_ACCESS[`${type}.${field}`]).toBeUndefined();
    }
  });
});
