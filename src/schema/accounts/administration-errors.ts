import { ConfirmationMismatch, EmailTaken } from '../../services/accounts/errors.ts';
import { builder } from '../builder.ts';
import { ErrorInterface } from '../errors.ts';

builder.objectType(EmailTaken, {
  name: 'EmailTakenError',
  description: 'An account has this e-mail. Told to administrators alone: a sign-up never says it.',
  interfaces: [ErrorInterface],
  fields: (t) => ({
    field: t.exposeString('field', { description: 'The field of the input: `email`.' }),
  }),
});

builder.objectType(ConfirmationMismatch, {
  name: 'ConfirmationMismatchError',
  description: 'What was typed is not the user name of the person. Nothing was deleted.',
  interfaces: [ErrorInterface],
  fields: (t) => ({
    field: t.exposeString('field', { description: 'The field of the input: `confirmUsername`.' }),
  }),
});
