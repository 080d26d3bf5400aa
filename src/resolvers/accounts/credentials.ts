import { z } from 'zod';
import {
  Credential,
  CredentialConnection,
  CredentialKindEnum,
  DeleteCredentialSuccess,
} from '../../schema/accounts/credential.ts';
import { ViewerRef } from '../../schema/accounts/user.ts';
import { builder } from '../../schema/builder.ts';
import { pageCost } from '../../schema/connections.ts';
import { IDEMPOTENCY_KEY, keyText } from '../../schema/inputs.ts';
import { TooManyCredentials } from '../../services/accounts/errors.ts';
import { SecondFactorRequired } from '../../services/accounts/factor-errors.ts';
import { IdempotencyConflict } from '../../services/platform/errors.ts';
import { listedPage } from '../pages.ts';

/** More than any of these is; the service says how long they may be. */
const text = z.string().max(200);

builder.objectFields(ViewerRef, (t) => ({
  credentials: t.connection(
    {
      type: Credential,
      description: 'Your secrets at services of others, newest first, without their values.',
      complexity: (args) => pageCost(args),
      resolve: (_viewer, args, { viewer, services: { credentials } }) =>
        listedPage(args, {
          timeField: 'createdAt',
          list: (selection) => credentials.list(viewer, selection),
          count: () => credentials.count(viewer),
        }),
    },
    CredentialConnection,
  ),
}));

builder.mutationFields((t) => ({
  storeCredential: t.fieldWithInput({
    type: Credential,
    description:
      'Keeps a secret for a service of somebody else, sealed, and replaces the one of the same kind, ' +
      'provider and name. Needs a second factor that you showed within the last 15 minutes.',
    errors: {
      types: [SecondFactorRequired, TooManyCredentials, IdempotencyConflict],
      result: { description: 'The secret is kept.' },
      union: { description: 'The secret is kept, or why it is not.' },
      dataField: { name: 'credential', description: 'What is shown of it.' },
    },
    typeOptions: { description: 'The secret, and what it is for.' },
    argOptions: { description: 'The secret, and what it is for.' },
    input: {
      kind: t.input.field({ type: CredentialKindEnum, description: 'What it is for.' }),
      provider: t.input.string({
        description: 'Whose service: small letters, digits, dots and hyphens, such as `alpaca`.',
        validate: text,
      }),
      name: t.input.string({
        description: 'What you call it, to 100 characters: tells several of one service apart.',
        validate: text,
      }),
      value: t.input.field({
        type: 'JSON',
        description:
          'The secret: a text, or an object of 1 to 32 texts such as `{ keyId: "…", secret: "…" }`. At ' +
          'most 16 KB. Send it as a variable, so that it stands in no document.',
      }),
      idempotencyKey: t.input.string({ description: IDEMPOTENCY_KEY, validate: keyText }),
    },
    resolve: (_root, { input }, { viewer, services }) => services.credentials.store(viewer, input),
  }),
  deleteCredential: t.fieldWithInput({
    type: DeleteCredentialSuccess,
    description:
      'Forgets a secret of yours. Needs a second factor that you showed within the last 15 minutes.',
    errors: {
      directResult: true,
      types: [SecondFactorRequired, IdempotencyConflict],
      union: { description: 'The secret is gone, or why it is not.' },
    },
    typeOptions: { description: 'Which secret goes.' },
    argOptions: { description: 'Which secret goes.' },
    input: {
      credentialId: t.input.globalID({ for: Credential, description: 'Id of the secret.' }),
      idempotencyKey: t.input.string({ description: IDEMPOTENCY_KEY, validate: keyText }),
    },
    resolve: (_root, { input: { credentialId, idempotencyKey } }, { viewer, services }) =>
      services.credentials.delete(viewer, { credentialId: credentialId.id, idempotencyKey }),
  }),
}));
