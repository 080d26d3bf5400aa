import SchemaBuilder from '@pothos/core';
import ComplexityPlugin from '@pothos/plugin-complexity';
import ErrorsPlugin from '@pothos/plugin-errors';
import PrismaPlugin from '@pothos/plugin-prisma';
import RelayPlugin from '@pothos/plugin-relay';
import ScopeAuthPlugin from '@pothos/plugin-scope-auth';
import ValidationPlugin from '@pothos/plugin-validation';
import WithInputPlugin from '@pothos/plugin-with-input';
import type { Capability } from '../services/accounts/capabilities.ts';
import { Forbidden, Unauthenticated } from '../services/platform/errors.ts';
import type { Decimal } from '../services/platform/money.ts';
import { getDatamodel } from '../services/platform/pothos-types.ts';
import type PrismaTypes from '../services/platform/pothos-types.ts';
import type { ApiKey, Credential, User } from '../services/platform/prisma/client.ts';
import type { ApiKeyScope } from '../services/platform/prisma/enums.ts';
import { accessPlugin } from './access-plugin.ts';
import type { Context } from './context.ts';
import { freshReadsPlugin } from './fresh-reads-plugin.ts';
import { RELAY_OPTIONS } from './relay-options.ts';
import {
  CursorScalar,
  DateScalar,
  DateTimeScalar,
  DecimalScalar,
  JsonScalar,
  UuidScalar,
} from './scalars.ts';
import { scopesOf } from './scopes.ts';
import { ungatedPlugin } from './ungated-plugin.ts';
import { validationError } from './validation.ts';

/**
 * Pothos' types of the rows, without hashes of passwords and keys: no client of ours ever reads
 * them.
 */
type RowTypes = Omit<PrismaTypes, 'ApiKey' | 'Credential' | 'User'> & {
  ApiKey: Omit<PrismaTypes['ApiKey'], 'Shape'> & { Shape: Omit<ApiKey, 'keyHash'> };
  Credential: Omit<PrismaTypes['Credential'], 'Shape'> & {
    Shape: Omit<Credential, 'sealedValue'>;
  };
  User: Omit<PrismaTypes['User'], 'Shape'> & { Shape: Omit<User, 'passwordHash'> };
};

export interface GraphTypes {
  DefaultFieldNullability: false;
  DefaultInputFieldRequiredness: true;
  Context: Context;
  PrismaTypes: RowTypes;
  DefaultAuthStrategy: 'all';
  AuthScopes: {
    loggedIn: boolean;
    marketData: boolean;
    /** Id of the user whose it is; administrators pass as well. */
    owner: string;
    /** Scopes of which a key needs one; a viewer with a session needs none. */
    key: readonly ApiKeyScope[];
    /** Something that not every role may do. */
    capability: Capability;
  };
  Scalars: {
    Cursor: { Input: bigint; Output: bigint };
    Date: { Input: Date; Output: Date };
    DateTime: { Input: Date; Output: Date };
    Decimal: { Input: Decimal; Output: Decimal };
    JSON: { Input: unknown; Output: unknown };
    UUID: { Input: string; Output: string };
  };
  Connection: { totalCount: () => Promise<number> };
  DefaultEdgesNullability: false;
  DefaultNodeNullability: false;
}

/** `PlaceOrder` of the field `placeOrder`: the prefix of the types that belong to it. */
const typeName = (fieldName: string): string =>
  `${fieldName.charAt(0).toUpperCase()}${fieldName.slice(1)}`;

/** Everything in the graph is made with it, and it makes nothing itself. */
export const builder = new SchemaBuilder<GraphTypes>({
  defaultFieldNullability: false,
  defaultInputFieldRequiredness: true,
  // The first wraps the others: errors that scopes throw are no members of a result union.
  plugins: [
    accessPlugin,
    freshReadsPlugin,
    ErrorsPlugin,
    ScopeAuthPlugin,
    ungatedPlugin,
    PrismaPlugin,
    RelayPlugin,
    ComplexityPlugin,
    WithInputPlugin,
    ValidationPlugin,
  ],
  scopeAuth: {
    defaultStrategy: 'all',
    runScopesOnType: true,
    authorizeOnSubscribe: true,
    authScopes: scopesOf,
    unauthorizedError: (_parent, { rights }) =>
      rights.isLoggedIn ? new Forbidden() : new Unauthenticated(),
  },
  prisma: {
    // Of a client, Pothos uses the delegates alone; ours cannot connect or disconnect.
    client: ({ db }) => db as typeof db & { $connect: () => Promise<void> },
    dmmf: getDatamodel(),
    exposeDescriptions: false,
    onUnusedQuery: 'error',
  },
  relay: RELAY_OPTIONS,
  errors: {
    defaultResultOptions: { name: ({ fieldName }) => `${typeName(fieldName)}Success` },
    defaultUnionOptions: { name: ({ fieldName }) => `${typeName(fieldName)}Result` },
  },
  withInput: {
    typeOptions: { name: ({ fieldName }) => `${typeName(fieldName)}Input` },
  },
  validation: { validationError },
  complexity: { defaultComplexity: 1, defaultListMultiplier: 10 },
});

builder.addScalarType('Cursor', CursorScalar);
builder.addScalarType('Date', DateScalar);
builder.addScalarType('DateTime', DateTimeScalar);
builder.addScalarType('Decimal', DecimalScalar);
builder.addScalarType('JSON', JsonScalar);
builder.addScalarType('UUID', UuidScalar);
