import {
  InvalidPasskey,
  InvalidSecondFactor,
  SecondFactorRequired,
  TooManyPasskeys,
  TotpAlreadyEnabled,
} from '../../services/accounts/factor-errors.ts';
import type { SecondFactorMethod } from '../../services/accounts/second-factor.ts';
import { builder } from '../builder.ts';
import { ErrorInterface } from '../errors.ts';

const METHODS = {
  TOTP: { description: 'Six digits of an authenticator app (RFC 6238).' },
  PASSKEY: { description: 'A passkey of a device, of a browser or of a security key.' },
  RECOVERY_CODE: { description: 'One of the codes that were shown for when all else is lost.' },
} as const satisfies Record<SecondFactorMethod, { description: string }>;

export const SecondFactorMethodEnum = builder.enumType('SecondFactorMethod', {
  description: 'What a person can show beside the password.',
  values: METHODS,
});

builder.objectType(SecondFactorRequired, {
  name: 'SecondFactorRequiredError',
  description: 'This needs a second factor that you showed within the last 15 minutes.',
  interfaces: [ErrorInterface],
  fields: (t) => ({
    methods: t.field({
      type: [SecondFactorMethodEnum],
      description: 'What you can show. Empty while you have set none up: do that first.',
      resolve: async ({ methods }, _args, { viewer, services }) => [
        ...(methods ?? (await services.secondFactors.methods(viewer))),
      ],
    }),
  }),
});

builder.objectType(InvalidSecondFactor, {
  name: 'InvalidSecondFactorError',
  description:
    'The code is wrong, or it was used before: the answer is the same. After ten wrong ones within a ' +
    'quarter of an hour the answer is RATE_LIMITED.',
  interfaces: [ErrorInterface],
});

builder.objectType(InvalidPasskey, {
  name: 'InvalidPasskeyError',
  description:
    'What the device answered was not asked of it: another passkey, another page, a challenge that was ' +
    'used or ran out, or nobody verified. Ask for a new challenge.',
  interfaces: [ErrorInterface],
});

builder.objectType(TotpAlreadyEnabled, {
  name: 'TotpAlreadyEnabledError',
  description: 'There is an authenticator app already. Disable it first.',
  interfaces: [ErrorInterface],
});

builder.objectType(TooManyPasskeys, {
  name: 'TooManyPasskeysError',
  description: 'You have as many passkeys as anyone may have. Remove one first.',
  interfaces: [ErrorInterface],
  fields: (t) => ({
    limit: t.exposeInt('limit', { description: 'How many one may have.' }),
  }),
});
