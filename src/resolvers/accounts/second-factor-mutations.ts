import { z } from 'zod';
import { builder } from '../../schema/builder.ts';
import {
  ConfirmSecondFactorSuccess,
  ConfirmTotpSuccess,
  EnableTotpSuccess,
  RenewRecoveryCodesSuccess,
  SecondFactorsRef,
} from '../../schema/accounts/second-factor.ts';
import { IDEMPOTENCY_KEY, keyText } from '../../schema/inputs.ts';
import { InvalidCredentials } from '../../services/accounts/errors.ts';
import {
  InvalidPasskey,
  InvalidSecondFactor,
  SecondFactorRequired,
  TotpAlreadyEnabled,
} from '../../services/accounts/factor-errors.ts';
import { IdempotencyConflict } from '../../services/platform/errors.ts';
import { FIRST_FACTOR_PASSWORD, passwordText } from './factor-inputs.ts';

/** Longer than any code, however it is written. */
const codeText = z.string().max(64);
const success = { directResult: true } as const;

builder.mutationFields((t) => ({
  enableTotp: t.fieldWithInput({
    type: EnableTotpSuccess,
    description:
      'Makes a secret for an authenticator app. It is a factor of yours as soon as `confirmTotp` got a ' +
      'first code of it, within 15 minutes; until then, asking again makes another one.',
    errors: {
      ...success,
      types: [InvalidCredentials, SecondFactorRequired, TotpAlreadyEnabled],
      union: { description: 'The secret, or why there is none.' },
    },
    typeOptions: { description: 'Who asks.' },
    argOptions: { required: false, description: 'Who asks.' },
    input: {
      password: t.input.string({
        required: false,
        description: FIRST_FACTOR_PASSWORD,
        validate: passwordText,
      }),
    },
    resolve: (_root, { input }, { viewer, services }) =>
      services.totpSetup.enable(viewer, input ?? {}),
  }),
  confirmTotp: t.fieldWithInput({
    type: ConfirmTotpSuccess,
    description: 'Makes the authenticator app a factor of yours, with a first code of it.',
    errors: {
      ...success,
      types: [InvalidSecondFactor, SecondFactorRequired, TotpAlreadyEnabled],
      union: { description: 'The app works, or why it does not.' },
    },
    typeOptions: { description: 'The first code.' },
    argOptions: { description: 'The first code.' },
    input: {
      code: t.input.string({ description: 'The six digits of the app.', validate: codeText }),
    },
    resolve: (_root, { input }, { viewer, services }) => services.totpSetup.confirm(viewer, input),
  }),
  disableTotp: t.fieldWithInput({
    type: SecondFactorsRef,
    description:
      'Takes the authenticator app away. With your last factor the recovery codes go as well.',
    errors: {
      types: [SecondFactorRequired, IdempotencyConflict],
      result: { description: 'There is no authenticator app any more.' },
      union: { description: 'The app is gone, or why it is not.' },
      dataField: { name: 'secondFactors', description: 'What is left.' },
    },
    typeOptions: { description: 'What is asked for.' },
    argOptions: { description: 'What is asked for.' },
    input: {
      idempotencyKey: t.input.string({ description: IDEMPOTENCY_KEY, validate: keyText }),
    },
    resolve: async (_root, { input }, { viewer, services }) => {
      await services.totpSetup.disable(viewer, input);
      return services.secondFactors.overview(viewer);
    },
  }),
}));

builder.mutationFields((t) => ({
  confirmSecondFactor: t.fieldWithInput({
    type: ConfirmSecondFactorSuccess,
    description:
      'Shows a second factor, which counts for 15 minutes in this session: for live trading, secrets, ' +
      'payouts, and changes of the factors themselves.',
    errors: {
      ...success,
      types: [InvalidSecondFactor, InvalidPasskey, SecondFactorRequired],
      union: { description: 'Until when it counts, or why it does not.' },
    },
    typeOptions: { description: 'What is shown: a code or a passkey.' },
    argOptions: { description: 'What is shown: a code or a passkey.' },
    input: {
      code: t.input.string({
        required: false,
        description: 'Six digits of the authenticator app, or a recovery code.',
        validate: codeText,
      }),
      passkey: t.input.field({
        type: 'JSON',
        required: false,
        description:
          'What `navigator.credentials.get` gave for a challenge of CONFIRMATION, as its `toJSON()`.',
      }),
    },
    resolve: (_root, { input }, { viewer, services }) =>
      services.secondFactors.confirm(viewer, input),
  }),
  renewRecoveryCodes: t.fieldWithInput({
    type: RenewRecoveryCodesSuccess,
    description: 'Gives ten new recovery codes in place of what is left of the old ones.',
    errors: {
      ...success,
      types: [SecondFactorRequired, IdempotencyConflict],
      union: { description: 'The codes, or why there are none.' },
    },
    typeOptions: { description: 'What is asked for.' },
    argOptions: { description: 'What is asked for.' },
    input: {
      idempotencyKey: t.input.string({ description: IDEMPOTENCY_KEY, validate: keyText }),
    },
    resolve: (_root, { input }, { viewer, services }) =>
      services.secondFactors.renewRecoveryCodes(viewer, input),
  }),
}));
