import { isObjectType, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { buildSchema } from '../../../src/resolvers/index.ts';
import { fieldsReadBy, fieldsSelectedBy } from '../../../src/server/plans/fields-read.ts';

const schema = buildSchema();
const selected = (document: string) => fieldsSelectedBy(schema, parse(document));

describe('what a document reads of rows', () => {
  it('is what its fields are, or say that they read, and what walls and lists ask', () => {
    const read = selected(
      '{ orders { nodes { side averageFillPrice trades { nodes { fee } } } } }',
    );
    expect(read).toEqual({
      Order: [
        'accountId',
        'createdAt',
        'filledNotional',
        'filledQuantity',
        'id',
        'ownerId',
        'side',
      ],
      Trade: ['accountId', 'executedAt', 'fee', 'id', 'orderId', 'ownerId'],
    });
  });

  it('is that of all places where it selects of them', () => {
    const read = selected(`query A { orders { nodes { ...O } edges { node { type } } } }
      query B { viewer { accounts { nodes { orders { nodes { status } } } } } }
      fragment O on Order { quantity ... on Node { id } }`);
    expect(read.Order).toEqual(
      ['accountId', 'createdAt', 'id', 'ownerId', 'quantity', 'status', 'type'].sort(),
    );
  });

  it('is told of no type that it does not select', () => {
    expect(selected('{ __typename health { status } }')).toEqual({});
  });

  it('is told once it is asked often, by all documents with one selection alike', () => {
    const [one, other] = [
      parse('{ trades { nodes { price } } }'),
      parse('{ trades { edges { node { price } } } }'),
    ];
    const asked = Array.from({ length: 12 }, () => [
      fieldsReadBy(schema, one),
      fieldsReadBy(schema, other),
    ]);
    expect(
      asked
        .slice(0, 9)
        .flat()
        .every(({ Trade }) => Trade === undefined),
    ).toBe(true);
    const [ofOne, ofOther] = asked.at(-1) ?? [];
    expect(ofOne?.Trade).toContain('price');
    expect(ofOne?.Trade).toBe(ofOther?.Trade);
  });

  it('is told of a hundred selections and no more', () => {
    const columns = [
      'side',
      'type',
      'status',
      'quantity',
      'limitPrice',
      'stopPrice',
      'reason',
      'runId',
    ];
    const told = new Set<unknown>();
    for (let bits = 1; bits < 256; bits += 1) {
      const some = columns.filter((_name, at) => (bits & (1 << at)) > 0);
      const document = parse(`{ orders { nodes { ${some.join(' ')} } } }`);
      for (let times = 0; times < 12; times += 1) told.add(fieldsReadBy(schema, document).Order);
    }
    // One of them is that of those which are told nothing.
    expect(told.has(undefined)).toBe(true);
    expect(told.size).toBeGreaterThan(50);
    expect(told.size).toBeLessThanOrEqual(101);
  });
});

describe('each field of these rows', () => {
  it.each(['Order', 'Position', 'Trade'])('of %s says what it reads, or is a column', (name) => {
    const type = schema.getType(name);
    const fields = isObjectType(type) ? Object.values(type.getFields()) : [];
    const silent = fields.filter(
      ({ extensions }) => !('reads' in extensions || 'pothosExposedField' in extensions),
    );
    expect(silent.map((field) => field.name)).toEqual(['id']);
  });
});
