import SchemaBuilder, {
  BasePlugin,
  type PothosOutputFieldConfig,
  type SchemaTypes,
} from '@pothos/core';
import type { GraphQLFieldResolver } from 'graphql';
import type { Context } from './context.ts';

export const freshReadsPlugin = 'tradegraphFreshReads';

declare global {
  // eslint-disable-next-line @typescript-eslint/no-namespace -- Pothos finds plugins in this one.
  export namespace PothosSchemaTypes {
    // eslint-disable-next-line @typescript-eslint/no-unused-vars -- The parameter is Pothos'.
    export interface Plugins<Types extends SchemaTypes> {
      tradegraphFreshReads: FreshReadsPlugin;
    }
  }
}

/**
 * After each field of a mutation, what was read before is forgotten: the write may have changed it.
 */
class FreshReadsPlugin extends BasePlugin<SchemaTypes> {
  override wrapResolve(
    resolver: GraphQLFieldResolver<unknown, object, object>,
    config: PothosOutputFieldConfig<SchemaTypes>,
  ): GraphQLFieldResolver<unknown, object, object> {
    if (config.kind !== 'Mutation') return resolver;
    return async (root, args, context, info) => {
      try {
        return await resolver(root, args, context, info);
      } finally {
        (context as Context).load.clear();
      }
    };
  }
}

SchemaBuilder.registerPlugin(freshReadsPlugin, FreshReadsPlugin);
