import { getOperationAST, parse } from 'graphql';
import { describe, expect, test } from 'vitest';
import { buildSchema } from '../../../src/resolvers/index.ts';
import { costOf } from '../../../src/server/cost.ts';

const schema = buildSchema();
const cost = (query: string, variables: Record<string, unknown> = {}, name?: string): number => {
  const document = parse(query);
  const operation = getOperationAST(document, name);
  if (!operation) throw new Error('There is no such operation.');
  return costOf({ schema, document, operation, variables });
};

describe('the cost of an operation', () => {
  test('is one a field', () => {
    // health 1 + status 1 + version 1
    expect(cost('{ health { status version } }')).toBe(3);
  });

  test('multiplies what lies beneath a list by the entries asked for', () => {
    // orders 1 + 50 × (nodes 1 + id 1 + side 1)
    expect(cost('{ orders(first: 50) { nodes { id side } } }')).toBe(151);
    // Without a size, 20: 1 + 20 × (nodes 1 + id 1)
    expect(cost('{ orders { nodes { id } } }')).toBe(41);
  });

  test('knows the size that a variable holds', () => {
    const query = 'query ($n: Int!) { orders(first: $n) { nodes { id } } }';
    // 1 + 7 × (1 + 1)
    expect(cost(query, { n: 7 })).toBe(15);
    expect(cost(query, { n: 100 })).toBe(201);
  });

  test('multiplies lists in lists', () => {
    // viewer 1 + accounts 1 + 10 × (nodes 1 + trades 1 + 20 × (nodes 1 + price 1)) = 2 + 10 × 42
    const query =
      '{ viewer { accounts(first: 10) { nodes { trades(first: 20) { nodes { price } } } } } }';
    expect(cost(query)).toBe(422);
  });

  test('prices the count of a list', () => {
    // orders 1 + 1 × totalCount 5
    expect(cost('{ orders(first: 1) { totalCount } }')).toBe(6);
  });

  test('prices five thousand bars below the limit of an operation', () => {
    // bars 1 + 5000/20 × (nodes 1 + 6 fields) = 1 + 250 × 7
    const query = `{ bars(symbol: "QQQ", interval: DAY_1, first: 5000) {
      nodes { openTime open high low close volume } } }`;
    expect(cost(query)).toBe(1_751);
  });

  test('counts fragments each time they are spread, and finishes with many of them', () => {
    // Each doubles the one before: f0 is 1 field, f20 is 2^20 of them.
    const levels = Array.from(
      { length: 20 },
      (_, n) => `fragment f${n + 1} on Health { ...f${n} ...f${n} }`,
    );
    const query = `{ health { ...f20 } } fragment f0 on Health { status } ${levels.join(' ')}`;
    expect(cost(query)).toBe(1 + 2 ** 20);
  });

  test('is that of the operation that is meant', () => {
    const query = 'query A { health { status } } query B { orders { nodes { id } } }';
    expect(cost(query, {}, 'A')).toBe(2);
    expect(cost(query, {}, 'B')).toBe(41);
  });
});
