import { readFileSync } from 'node:fs';
import path from 'node:path';
import { buildSchema, parse, validate } from 'graphql';
import { describe, expect, it } from 'vitest';
import { TO_TRY } from '../../../src/start/banner.ts';

const SDL = path.join(import.meta.dirname, '../../../src/schema/schema.graphql');

describe('what a first start tells people to try', () => {
  const schema = buildSchema(readFileSync(SDL, 'utf8'));

  it.each(TO_TRY)('is in the graph: %s', (operation) => {
    expect(validate(schema, parse(operation))).toEqual([]);
  });
});
