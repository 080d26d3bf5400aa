import { readdirSync, readFileSync } from 'node:fs';
import { buildSchema, Kind, parse, validate } from 'graphql';
import { describe, expect, test } from 'vitest';

const schema = buildSchema(readFileSync('src/schema/schema.graphql', 'utf8'));
const examples = readdirSync('docs/examples').filter((name) => name.endsWith('.graphql'));
const read = (name: string) => parse(readFileSync(`docs/examples/${name}`, 'utf8'));

describe('the examples of the documentation', () => {
  test.each(examples)('%s is valid', (name) => {
    expect(validate(schema, read(name))).toEqual([]);
  });

  test('show every query, mutation and subscription but the generic ones', () => {
    const shown = new Set(
      examples.flatMap((name) =>
        read(name).definitions.flatMap((definition) =>
          definition.kind === Kind.OPERATION_DEFINITION
            ? definition.selectionSet.selections.map((field) =>
                field.kind === Kind.FIELD ? field.name.value : '',
              )
            : [],
        ),
      ),
    );
    const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
    const fields = roots.flatMap((root) => Object.keys(root?.getFields() ?? {}));
    const missing = fields.filter((field) => !shown.has(field));
    // One object by id.
    expect(missing).toEqual(['instrument', 'model', 'node', 'nodes']);
  });

  test('are in the README as they are in the graph', () => {
    const blocks = readFileSync('README.md', 'utf8').matchAll(/```graphql\n([\s\S]*?)```/g);
    const documents = [...blocks].map(([, text = '']) => parse(text));
    expect(documents.length).toBeGreaterThan(2);
    expect(documents.flatMap((document) => validate(schema, document))).toEqual([]);
  });
});
