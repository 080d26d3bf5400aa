import type { CreatedApiKey } from '../../services/accounts/api-keys.ts';
import { ApiKeyLimit } from '../../services/accounts/errors.ts';
import { builder } from '../builder.ts';
import { ErrorInterface } from '../errors.ts';
import { connectionOf } from '../list.ts';

export const ApiKeyEnvironmentEnum = builder.enumType('ApiKeyEnvironment', {
  description: 'What a key may touch.',
  values: {
    LIVE: { description: 'All that is yours. Such keys begin with `tg_live_`.' },
    TEST: { description: 'Paper accounts alone. Such keys begin with `tg_test_`.' },
  },
});

export const ApiKeyScopeEnum = builder.enumType('ApiKeyScope', {
  description: 'What a key is for. It never does more than its owner may.',
  values: {
    READ: { description: 'Read what is yours, and follow it live.' },
    TRADE: { description: 'Place and cancel orders, and see them and their accounts.' },
    AGENT: { description: 'Make, change, start and stop models, and see them and their logs.' },
    ADMIN: {
      description:
        'See everyone, and approve, reject, disable and enable people; not for tests. Without it, a key ' +
        'sees nothing of others.',
    },
  },
});

export const ApiKey = builder.prismaNode('ApiKey', {
  nullable: true,
  description:
    'A key for a program of yours, to be sent like an access token. It does not run out unless you say ' +
    'when, and opens nothing that is for you in person: passwords, factors, keys, secrets, sessions, roles.',
  id: { field: 'id' },
  fields: (t) => ({
    name: t.exposeString('name', { description: 'What you call it, such as `Laptop bot`.' }),
    environment: t.expose('environment', {
      type: ApiKeyEnvironmentEnum,
      description: 'Whether it reaches paper accounts alone.',
    }),
    prefix: t.exposeString('prefix', {
      description: 'How the key begins, to tell it from others, such as `tg_live_3kX9`.',
    }),
    scopes: t.expose('scopes', { type: [ApiKeyScopeEnum], description: 'What it is for.' }),
    networks: t.exposeStringList('networks', {
      description:
        'Where it may come from, such as `198.51.100.0/24`. Empty: from anywhere. From elsewhere it is ' +
        'answered like a key that never was.',
    }),
    requestsPerMinute: t.exposeInt('requestsPerMinute', {
      nullable: true,
      description: 'How many operations it may run in a minute. Null for no limit of its own.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was made.' }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      nullable: true,
      description: 'Until when it is good. Null for one that does not run out.',
    }),
    lastUsedAt: t.expose('lastUsedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was used last, known a minute later. Null when it never was.',
    }),
    lastUsedAddress: t.exposeString('lastUsedAddress', {
      nullable: true,
      description: 'Where from, then. Null when it never was used, or the address is not known.',
    }),
    revokedAt: t.expose('revokedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was revoked. Null when it was not.',
    }),
  }),
});

export const ApiKeyConnection = connectionOf(ApiKey, { name: 'ApiKey', entries: 'keys' });

export const CreateApiKeySuccess = builder
  .objectRef<CreatedApiKey>('CreateApiKeySuccess')
  .implement({
    description: 'A key was made.',
    fields: (t) => ({
      apiKey: t.field({
        type: ApiKey,
        description: 'What is known of it.',
        resolve: ({ apiKey }) => apiKey,
      }),
      secret: t.exposeString('secret', {
        nullable: true,
        description:
          'The key itself, which is shown this once: only its hash is kept. Null when the same was asked ' +
          'for before; revoke the key then, if its first answer was lost, and make another one.',
      }),
    }),
  });

builder.objectType(ApiKeyLimit, {
  name: 'ApiKeyLimitError',
  description: 'You have as many open keys as one may have. Revoke one that is not used any more.',
  interfaces: [ErrorInterface],
  fields: (t) => ({
    limit: t.exposeInt('limit', { description: 'How many keys one may have open.' }),
  }),
});
