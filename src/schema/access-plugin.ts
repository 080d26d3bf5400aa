import SchemaBuilder, {
  BasePlugin,
  PothosSchemaError,
  type PothosOutputFieldConfig,
  type PothosTypeConfig,
  type SchemaTypes,
} from '@pothos/core';
import { FIELD_ACCESS, rootFieldAudience, typeAudience, type Audience } from './access.ts';
import type { Context } from './context.ts';
import { isForSessions, rootKeyAccess, typeKeyScopes } from './key-access.ts';

export const accessPlugin = 'tradegraphAccess';

declare global {
  // eslint-disable-next-line @typescript-eslint/no-namespace -- Pothos finds plugins in this one.
  export namespace PothosSchemaTypes {
    // eslint-disable-next-line @typescript-eslint/no-unused-vars -- The parameter is Pothos'.
    export interface Plugins<Types extends SchemaTypes> {
      tradegraphAccess: AccessPlugin;
    }
  }
}

type Row = Readonly<Record<string, unknown>>;
type ScopeMap = Readonly<Record<string, unknown>>;
type Scopes =
  ScopeMap | ((row: Row, context: Context) => ScopeMap | boolean | Promise<ScopeMap | boolean>);

/** Gives every type and root field the scopes that access.ts and key-access.ts say. */
class AccessPlugin extends BasePlugin<SchemaTypes> {
  override onTypeConfig(config: PothosTypeConfig): PothosTypeConfig {
    if (config.kind !== 'Object') return config;
    const audience = typeAudience(config.name);
    if (!audience) throw noLine(`type ${config.name}`);
    const scopes = scopesOf(config.name, audience);
    return scopes ? withOptions(config, { authScopes: scopes }) : config;
  }

  override onOutputFieldConfig(
    config: PothosOutputFieldConfig<SchemaTypes>,
  ): PothosOutputFieldConfig<SchemaTypes> {
    const name = `${config.parentType}.${config.name}`;
    if (config.kind === 'Query' || config.kind === 'Mutation' || config.kind === 'Subscription') {
      const audience = rootFieldAudience(config.parentType, config.name);
      if (!audience) throw noLine(`field ${name}`);
      const scopes = rootScopesOf(config.parentType, config.name, audience);
      return Object.keys(scopes).length > 0 ? withOptions(config, { authScopes: scopes }) : config;
    }
    if (isForSessions(config.parentType, config.name)) {
      return withOptions(config, { authScopes: { key: [] } });
    }
    const audience = FIELD_ACCESS[name];
    const scopes = audience && scopesOf(config.parentType, audience);
    return scopes
      ? withOptions(config, { authScopes: scopes, unauthorizedResolver: () => null })
      : config;
  }
}

function noLine(what: string): PothosSchemaError {
  return new PothosSchemaError(`Say in src/schema/access.ts who may read the ${what}.`);
}

/** Their fields say which keys open them, each for itself. */
const ROOTS: readonly string[] = ['Query', 'Mutation', 'Subscription'];

interface AccessOptions {
  readonly authScopes: Scopes;
  readonly unauthorizedResolver?: () => null;
}

/** The type or field with these options, as if they had been written where it is defined. */
function withOptions<Config extends { pothosOptions: object }>(
  config: Config,
  options: AccessOptions,
): Config {
  return { ...config, pothosOptions: { ...config.pothosOptions, ...options } };
}

/** The scopes of a root field: whom it is for, and with which keys. */
function rootScopesOf(typeName: string, fieldName: string, audience: Audience): ScopeMap {
  const access = rootKeyAccess(typeName, fieldName);
  if (!access) {
    const field = `${typeName}.${fieldName}`;
    throw new PothosSchemaError(`Say in src/schema/key-access.ts which keys open ${field}.`);
  }
  const isForAll = access === 'none' || (access === 'ADMIN' && typeName === 'Mutation');
  const key = isForAll ? {} : { key: access === 'session' ? [] : [access] };
  // No root field is somebody's, so that its scopes are a map.
  return { ...(scopesOf(typeName, audience) as ScopeMap | undefined), ...key };
}

/** The scope of scope-auth for an audience; undefined when there is nothing to check. */
function scopesOf(typeName: string, audience: Audience): Scopes | undefined {
  const key = typeKeyScopes(typeName);
  switch (audience) {
    case 'everyone':
      return undefined;
    case 'marketData':
      return { marketData: true };
    case 'loggedIn':
      return { loggedIn: true, ...(!ROOTS.includes(typeName) && { key }) };
    case 'administrators':
      return { capability: 'READ_EVERYONE' };
    case 'owner':
      return (row) => ({ owner: row[typeName === 'User' ? 'id' : 'ownerId'], key });
    case 'self':
      return (row, { viewer }) => viewer.userId === row['ownerId'] && { key };
    case 'modelReaders':
      return (row) => row['visibility'] === 'PUBLIC' || { owner: row['ownerId'], key };
    case 'logReaders':
      return async (row, context) => {
        const model = await context.load.byId('model', String(row['modelId']));
        const isPublished = model?.visibility === 'PUBLIC' && model.logVisibility === 'PUBLIC';
        return isPublished || { owner: row['ownerId'], key };
      };
  }
}

SchemaBuilder.registerPlugin(accessPlugin, AccessPlugin);
