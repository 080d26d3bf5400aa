import { z } from 'zod';
import { builder } from '../../schema/builder.ts';
import {
  Passkey,
  PasskeyPurposeEnum,
  RegisterPasskeySuccess,
  RequestPasskeyChallengeSuccess,
  SecondFactorsRef,
} from '../../schema/accounts/second-factor.ts';
import { LogInSuccess } from '../../schema/accounts/session.ts';
import { IDEMPOTENCY_KEY, keyText } from '../../schema/inputs.ts';
import { InvalidCredentials } from '../../services/accounts/errors.ts';
import {
  InvalidPasskey,
  SecondFactorRequired,
  TooManyPasskeys,
} from '../../services/accounts/factor-errors.ts';
import { IdempotencyConflict } from '../../services/platform/errors.ts';
import { FIRST_FACTOR_PASSWORD, passwordText } from './factor-inputs.ts';

const NAME_MAX_CHARACTERS = 64;
const nameText = z
  .string()
  .trim()
  .min(1)
  .max(NAME_MAX_CHARACTERS)
  .regex(/^[^\p{Cc}\p{Cf}]*$/u, 'Use visible characters.');
const success = { directResult: true } as const;

builder.mutationFields((t) => ({
  requestPasskeyChallenge: t.fieldWithInput({
    type: RequestPasskeyChallengeSuccess,
    description: 'Asks for what a device has to sign. It is good once, and for five minutes.',
    errors: {
      ...success,
      types: [InvalidCredentials, SecondFactorRequired, TooManyPasskeys],
      union: { description: 'The challenge, or why there is none.' },
    },
    typeOptions: { description: 'What the device signs for.' },
    argOptions: { description: 'What the device signs for.' },
    input: {
      purpose: t.input.field({ type: PasskeyPurposeEnum, description: 'What it is for.' }),
      password: t.input.string({
        required: false,
        description: `With REGISTRATION alone. ${FIRST_FACTOR_PASSWORD}`,
        validate: passwordText,
      }),
    },
    resolve: (_root, { input }, { viewer, services }) =>
      services.passkeys.requestChallenge(viewer, input),
  }),
  registerPasskey: t.fieldWithInput({
    type: RegisterPasskeySuccess,
    description: 'Makes a new passkey of a device a factor of yours, and a way to log in.',
    errors: {
      ...success,
      types: [InvalidPasskey, SecondFactorRequired, TooManyPasskeys],
      union: { description: 'The passkey, or why there is none.' },
    },
    typeOptions: { description: 'The passkey.' },
    argOptions: { description: 'The passkey.' },
    input: {
      name: t.input.string({
        description: `What you call it, such as \`Phone\`: at most ${NAME_MAX_CHARACTERS} characters.`,
        validate: nameText,
      }),
      response: t.input.field({
        type: 'JSON',
        description:
          'What `navigator.credentials.create` gave for a challenge of REGISTRATION, as its `toJSON()`.',
      }),
    },
    resolve: (_root, { input: { name, response } }, { viewer, services }) =>
      services.passkeys.register(viewer, { name: name.trim(), response }),
  }),
  removePasskey: t.fieldWithInput({
    type: SecondFactorsRef,
    description:
      'Takes a passkey away, such as one of a device that you lost. With your last factor the recovery ' +
      'codes go as well.',
    errors: {
      types: [SecondFactorRequired, IdempotencyConflict],
      result: { description: 'The passkey is good for nothing any more.' },
      union: { description: 'The passkey is gone, or why it is not.' },
      dataField: { name: 'secondFactors', description: 'What is left.' },
    },
    typeOptions: { description: 'Which passkey.' },
    argOptions: { description: 'Which passkey.' },
    input: {
      passkeyId: t.input.globalID({ for: Passkey, description: 'Id of the passkey.' }),
      idempotencyKey: t.input.string({ description: IDEMPOTENCY_KEY, validate: keyText }),
    },
    resolve: async (_root, { input: { passkeyId, idempotencyKey } }, { viewer, services }) => {
      await services.passkeys.remove(viewer, { passkeyId: passkeyId.id, idempotencyKey });
      return services.secondFactors.overview(viewer);
    },
  }),
}));

builder.mutationFields((t) => ({
  logInWithPasskey: t.fieldWithInput({
    type: LogInSuccess,
    description:
      'Opens a session with a passkey alone: the device has verified who holds it. Cookies as with `logIn`.',
    errors: {
      ...success,
      types: [InvalidCredentials],
      union: { description: 'The tokens, or why there are none.' },
    },
    typeOptions: { description: 'Who logs in.' },
    argOptions: { description: 'Who logs in.' },
    input: {
      response: t.input.field({
        type: 'JSON',
        description:
          'What `navigator.credentials.get` gave for a challenge of LOG_IN, as its `toJSON()`.',
      }),
    },
    resolve: async (_root, { input }, { viewer, services, cookies }) => {
      const tokens = await services.passkeyLogIn.logIn(viewer, { response: input.response });
      cookies.keep(tokens);
      return tokens;
    },
  }),
}));
