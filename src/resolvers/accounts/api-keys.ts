import { z } from 'zod';
import {
  ApiKey,
  ApiKeyConnection,
  ApiKeyEnvironmentEnum,
  ApiKeyScopeEnum,
  CreateApiKeySuccess,
} from '../../schema/accounts/api-key.ts';
import { AdminRef, User, ViewerRef } from '../../schema/accounts/user.ts';
import { builder } from '../../schema/builder.ts';
import { pageCost } from '../../schema/connections.ts';
import { IDEMPOTENCY_KEY, keyText } from '../../schema/inputs.ts';
import { ApiKeyLimit } from '../../services/accounts/errors.ts';
import { IdempotencyConflict } from '../../services/platform/errors.ts';
import { given } from '../given.ts';
import { listedPage } from '../pages.ts';

/** More than any list of these is; the service says how long they may be. */
const texts = z.array(z.string().max(100)).max(100);

builder.objectFields(ViewerRef, (t) => ({
  apiKeys: t.connection(
    {
      type: ApiKey,
      description:
        'The keys that you made, newest first; also those that ran out or were revoked. Not for keys.',
      complexity: (args) => pageCost(args),
      resolve: (_viewer, args, { viewer, services: { apiKeys } }) =>
        listedPage(args, {
          timeField: 'createdAt',
          list: (selection) => apiKeys.list(viewer, selection),
          count: () => apiKeys.count(viewer),
        }),
    },
    ApiKeyConnection,
  ),
}));

builder.objectField(AdminRef, 'apiKeys', (t) =>
  t.connection(
    {
      type: ApiKey,
      description:
        "A person's keys, newest first; also those that ran out or were revoked. `revokeApiKey` ends one " +
        'that leaked. Not for keys.',
      args: { userId: t.arg.globalID({ for: User, description: 'Id of the person.' }) },
      complexity: (args) => pageCost(args),
      resolve: (_admin, { userId, ...page }, { viewer, services: { apiKeys } }) =>
        listedPage(page, {
          timeField: 'createdAt',
          list: (selection) => apiKeys.list(viewer, selection, userId.id),
          count: () => apiKeys.count(viewer, userId.id),
        }),
    },
    ApiKeyConnection,
  ),
);

builder.mutationFields((t) => ({
  createApiKey: t.fieldWithInput({
    type: CreateApiKeySuccess,
    description:
      'Makes a key for a program of yours. The answer shows it once: keep it as you keep a password. For ' +
      'people who are logged in, and not for keys.',
    errors: {
      directResult: true,
      types: [ApiKeyLimit, IdempotencyConflict],
      union: { description: 'The key, or why there is none.' },
    },
    typeOptions: { description: 'What the key is for.' },
    argOptions: { description: 'What the key is for.' },
    input: {
      name: t.input.string({
        description: 'What you call it, to 100 characters.',
        validate: z.string().max(200),
      }),
      environment: t.input.field({
        type: ApiKeyEnvironmentEnum,
        description: 'Whether it reaches paper accounts alone.',
      }),
      scopes: t.input.field({
        type: [ApiKeyScopeEnum],
        description: 'What it is for, at least one. `ADMIN` is for keys of administrators.',
        validate: z.array(z.string()).max(20),
      }),
      networks: t.input.stringList({
        required: false,
        description:
          'Where it may come from: addresses and networks such as `198.51.100.0/24`, at most 20. From ' +
          'anywhere if left out.',
        validate: texts,
      }),
      requestsPerMinute: t.input.int({
        required: false,
        description: 'How many operations it may run in a minute. No limit of its own if left out.',
      }),
      expiresAt: t.input.field({
        type: 'DateTime',
        required: false,
        description: 'Until when it is good. It does not run out if left out.',
      }),
      idempotencyKey: t.input.string({ description: IDEMPOTENCY_KEY, validate: keyText }),
    },
    resolve: (_root, { input }, { viewer, services }) =>
      services.apiKeys.create(viewer, given(input)),
  }),
  revokeApiKey: t.fieldWithInput({
    type: ApiKey,
    description:
      'Ends a key of yours at once, and the streams of whoever has it. Administrators end those of others ' +
      'as well, and a SUPER_ADMIN alone those of administrators. For people who are logged in.',
    errors: {
      types: [IdempotencyConflict],
      result: { description: 'The key is good for nothing any more.' },
      union: { description: 'The key was revoked, or why it was not.' },
      dataField: { name: 'apiKey', description: 'What is known of it.' },
    },
    typeOptions: { description: 'Which key ends.' },
    argOptions: { description: 'Which key ends.' },
    input: {
      apiKeyId: t.input.globalID({ for: ApiKey, description: 'Id of the key.' }),
      idempotencyKey: t.input.string({ description: IDEMPOTENCY_KEY, validate: keyText }),
    },
    resolve: (_root, { input: { apiKeyId, idempotencyKey } }, { viewer, services }) =>
      services.apiKeys.revoke(viewer, { apiKeyId: apiKeyId.id, idempotencyKey }),
  }),
}));
