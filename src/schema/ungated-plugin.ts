import SchemaBuilder, {
  BasePlugin,
  type PothosOutputFieldConfig,
  type SchemaTypes,
} from '@pothos/core';
import type { GraphQLFieldResolver } from 'graphql';

export const ungatedPlugin = 'tradegraphUngated';

declare global {
  // eslint-disable-next-line @typescript-eslint/no-namespace -- Pothos finds plugins in this one.
  export namespace PothosSchemaTypes {
    // eslint-disable-next-line @typescript-eslint/no-unused-vars -- The parameter is Pothos'.
    export interface Plugins<Types extends SchemaTypes> {
      tradegraphUngated: UngatedPlugin;
    }
  }
}

type Resolver = GraphQLFieldResolver<unknown, object, object>;

/**
 * Keeps, beside each field, how it resolves once it is decided that it may be read. It stands right
 * behind scope-auth among the plugins: all that they wrap a resolver in is in it, but for the scopes and
 * for the mapping of arguments. Whoever calls it asks both first (see server/plans).
 */
class UngatedPlugin extends BasePlugin<SchemaTypes> {
  override wrapResolve(resolver: Resolver, config: PothosOutputFieldConfig<SchemaTypes>): Resolver {
    // A schema without scopes, for tests of what stands behind them, has no plans, which would ask them.
    if (this.options.disableScopeAuth) return resolver;
    // The config is a copy for this field alone; Pothos reads its extensions behind this.
    Object.assign(config, { extensions: { ...config.extensions, ungated: resolver } });
    return resolver;
  }
}

SchemaBuilder.registerPlugin(ungatedPlugin, UngatedPlugin);
