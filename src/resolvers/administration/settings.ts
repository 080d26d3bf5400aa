import { AdminRef } from '../../schema/accounts/user.ts';
import {
  AiProvider,
  AiProviderSettingsInput,
  SettingsRef,
} from '../../schema/accounts/settings.ts';
import { builder } from '../../schema/builder.ts';
import { IDEMPOTENCY_KEY, keyText } from '../../schema/inputs.ts';
import { SecondFactorRequired } from '../../services/accounts/factor-errors.ts';
import { IdempotencyConflict } from '../../services/platform/errors.ts';

builder.objectField(AdminRef, 'settings', (t) =>
  t.field({
    type: SettingsRef,
    description: 'What is set for everyone.',
    resolve: () => ({}),
  }),
);

builder.objectField(SettingsRef, 'aiProviders', (t) =>
  t.field({
    type: [AiProvider],
    description: 'Providers of language models, by name. There are at most 100.',
    resolve: (_settings, _args, { viewer, services }) => services.aiProviders.list(viewer),
  }),
);

builder.mutationField('updateSettings', (t) =>
  t.fieldWithInput({
    type: SettingsRef,
    description:
      'Changes what is set for everyone. For administrators; keys and addresses need a second factor ' +
      'that was shown within the last 15 minutes.',
    errors: {
      types: [SecondFactorRequired, IdempotencyConflict],
      result: { description: 'It is set.' },
      union: { description: 'It is set, or why it is not.' },
      dataField: { name: 'settings', description: 'What is set for everyone now.' },
    },
    typeOptions: { description: 'What is to be set.' },
    argOptions: { description: 'What is to be set.' },
    input: {
      aiProvider: t.input.field({
        type: AiProviderSettingsInput,
        description: 'A provider of language models.',
      }),
      idempotencyKey: t.input.string({ description: IDEMPOTENCY_KEY, validate: keyText }),
    },
    resolve: async (_root, { input }, { viewer, services }) => {
      const { isEnabled, models, ...aiProvider } = input.aiProvider;
      await services.aiProviders.set(viewer, {
        // A null means the same as an argument that is left out, but for an address and a key.
        aiProvider: {
          ...aiProvider,
          ...{ isEnabled: isEnabled ?? undefined, models: models ?? undefined },
        },
        idempotencyKey: input.idempotencyKey,
      });
      return {};
    },
  }),
);
