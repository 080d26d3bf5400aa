import { TooManyCredentials } from '../../services/accounts/errors.ts';
import { builder } from '../builder.ts';
import { ErrorInterface } from '../errors.ts';
import { connectionOf } from '../list.ts';

export const CredentialKindEnum = builder.enumType('CredentialKind', {
  description: 'What a secret is for.',
  values: {
    BROKER: { description: 'A broker or an exchange, to trade there.' },
    LLM_PROVIDER: {
      description: 'A provider of language models, in place of what is set for all.',
    },
    DEPLOYMENT: { description: 'Where things are deployed to.' },
  },
});

export const Credential = builder.prismaNode('Credential', {
  nullable: true,
  description:
    'A secret of yours at the service of somebody else, which is kept sealed. Its value is never shown ' +
    'again, not even to you, and nobody else sees that there is one: no administrator, and no API key.',
  id: { field: 'id' },
  fields: (t) => ({
    kind: t.expose('kind', { type: CredentialKindEnum, description: 'What it is for.' }),
    provider: t.exposeString('provider', { description: 'Whose service, such as `alpaca`.' }),
    name: t.exposeString('name', { description: 'What you call it, such as `main`.' }),
    fingerprint: t.exposeString('fingerprint', {
      description:
        'Twelve hexadecimal digits that are the same for the same value of yours, and tell nothing of it.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it came first.' }),
    updatedAt: t.expose('updatedAt', {
      type: 'DateTime',
      description: 'When its value was stored last.',
    }),
    lastUsedAt: t.expose('lastUsedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was used last, to the minute. Null when it never was.',
    }),
  }),
});

export const CredentialConnection = connectionOf(Credential, {
  ...{ name: 'Credential', entries: 'secrets' },
});

export const DeleteCredentialSuccess = builder
  .objectRef<{ readonly credentialId: string }>('DeleteCredentialSuccess')
  .implement({
    description: 'The secret is gone.',
    fields: (t) => ({
      credentialId: t.globalID({
        description: 'Id of what is not there any more, for caches.',
        resolve: ({ credentialId }) => ({ type: Credential, id: credentialId }),
      }),
    }),
  });

builder.objectType(TooManyCredentials, {
  name: 'TooManyCredentialsError',
  description: 'You keep as many secrets as one may. Delete one first.',
  interfaces: [ErrorInterface],
  fields: (t) => ({
    limit: t.exposeInt('limit', { description: 'How many secrets one may keep.' }),
  }),
});
