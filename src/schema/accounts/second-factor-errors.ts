import {
  SecondFactorRequired,
  type SecondFactorMethod,
} from '../../services/accounts/second-factor.ts';
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
      resolve: ({ methods }) => [...(methods ?? [])],
    }),
  }),
});
