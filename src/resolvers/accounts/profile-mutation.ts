import { z } from 'zod';
import { builder } from '../../schema/builder.ts';
import { AccountTypeEnum, User } from '../../schema/accounts/user.ts';
import { IDEMPOTENCY_KEY, keyText } from '../../schema/inputs.ts';
import { IdempotencyConflict } from '../../services/platform/errors.ts';
import { given } from '../given.ts';

builder.mutationField('updateProfile', (t) =>
  t.fieldWithInput({
    type: User,
    description: 'Changes what you say of yourself. What is left out stays.',
    errors: {
      types: [IdempotencyConflict],
      result: { description: 'The profile is as it was asked for.' },
      union: { description: 'The profile is as it was asked for, or why it is not.' },
      dataField: { name: 'user', description: 'You, as you are now.' },
    },
    typeOptions: { description: 'What changes.' },
    argOptions: { description: 'What changes.' },
    input: {
      fullName: t.input.string({
        required: false,
        description: 'Up to 200 characters; an empty one takes the name away.',
        validate: z.string().max(1_000),
      }),
      accountType: t.input.field({
        type: AccountTypeEnum,
        required: false,
        description: 'In whose name you trade.',
      }),
      idempotencyKey: t.input.string({ description: IDEMPOTENCY_KEY, validate: keyText }),
    },
    resolve: (_root, { input }, { viewer, services }) =>
      services.profile.update(viewer, given(input)),
  }),
);
