import { isObjectType, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { buildSchema } from '../../../src/resolvers/index.ts';
import { fieldsReadBy } from '../../../src/server/plans/fields-read.ts';

const schema = buildSchema();
const readBy = (document: string) => fieldsReadBy(schema, parse(document));
const fieldsOf = (name: string) => {
  const type = schema.getType(name);
  return isObjectType(type) ? Object.values(type.getFields()) : [];
};

describe('what a document reads of rows', () => {
  it('is what its fields are, or say that they read, and what walls and lists ask', () => {
    const read = readBy('{ orders { nodes { side averageFillPrice trades { nodes { fee } } } } }');
    for (const field of ['id', 'ownerId', 'accountId', 'createdAt', 'side', 'filledNotional']) {
      expect(read.Order).toContain(field);
    }
    expect(read.Order).not.toContain('limitPrice');
    expect(read.Trade).toEqual(expect.arrayContaining(['id', 'ownerId', 'orderId', 'fee']));
    expect(read.Trade).not.toContain('side');
  });

  it('is that of all places where it selects of them', () => {
    const read = readBy(`query A { orders { nodes { ...O } edges { node { type } } } }
      query B { viewer { accounts { nodes { trades { nodes { side } } } } } }
      fragment O on Order { quantity ... on Node { id } trades { nodes { fee } } limitPrice }`);
    expect(read.Order).toEqual(expect.arrayContaining(['quantity', 'type', 'limitPrice']));
    expect(read.Trade).toEqual(expect.arrayContaining(['fee', 'side']));
  });

  it('is told of no type that it does not select, or of which it selects what is rare', () => {
    expect(readBy('{ __typename health { status } }')).toEqual({});
    expect(readBy('{ orders { nodes { id version } } }').Order).toBeUndefined();
    expect(readBy('{ trades { nodes { quoteBid } } }').Trade).toBeUndefined();
  });

  it('comes in few ways, whatever is selected: one list for each', () => {
    for (const [root, name] of [
      ['orders', 'Order'],
      ['trades', 'Trade'],
    ] as const) {
      const fields = fieldsOf(name).filter(({ extensions }) => 'pothosExposedField' in extensions);
      const ways = new Set<unknown>();
      for (let bits = 1; bits < 1 << Math.min(fields.length, 9); bits += 1) {
        const some = fields
          .filter((_field, at) => (bits & (1 << at)) > 0)
          .map((field) => field.name);
        ways.add(readBy(`{ ${root} { nodes { ${some.join(' ')} } } }`)[name]);
      }
      expect(ways.size).toBeGreaterThan(1);
      expect(ways.size).toBeLessThanOrEqual(3);
    }
  });
});

describe('each field of these rows', () => {
  it.each(['Order', 'Trade'])('of %s says what it reads, or is a column', (name) => {
    const silent = fieldsOf(name).filter(
      ({ extensions }) => !('reads' in extensions || 'pothosExposedField' in extensions),
    );
    expect(silent.map((field) => field.name)).toEqual(['id']);
  });
});
