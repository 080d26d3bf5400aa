import type { ObjectRef } from '@pothos/core';
import { builder, type GraphTypes } from './builder.ts';

type Types = PothosSchemaTypes.ExtendDefaultTypes<GraphTypes>;

/** What a count costs beside what the page costs: it reads all that the list has. */
const COUNT_COST = 5;

/** The connection of a node type: one for all lists of it, so that clients know it once. */
export function connectionOf<Shape extends object>(
  node: ObjectRef<Types, Shape>,
  { name, entries }: { name: string; entries: string },
) {
  return builder.connectionObject(
    {
      type: node,
      name: `${name}Connection`,
      description: `A page of a list of ${entries}.`,
      fields: (t) => ({
        totalCount: t.int({
          description: 'How many the whole list has. It costs a query of its own.',
          complexity: COUNT_COST,
          resolve: (connection) => connection.totalCount(),
        }),
      }),
    },
    { name: `${name}Edge`, description: `One of the ${entries} of a page, with its place.` },
  );
}
