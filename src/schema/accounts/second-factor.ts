import type { RegisteredPasskey } from '../../services/accounts/passkey-registration.ts';
import type { SecondFactorMethod } from '../../services/accounts/second-factor.ts';
import type { SecondFactorsOverview } from '../../services/accounts/second-factors.ts';
import { builder } from '../builder.ts';
import { connectionOf } from '../list.ts';
import { SecondFactorMethodEnum } from './second-factor-errors.ts';

export const Passkey = builder.prismaNode('Passkey', {
  nullable: true,
  description: 'A key on a device that signs for you, after it has verified that it is you.',
  id: { field: 'id' },
  fields: (t) => ({
    name: t.exposeString('name', { description: 'What you call it, such as `Phone`.' }),
    isBackedUp: t.exposeBoolean('isBackedUp', {
      description: 'Whether a copy of it is kept elsewhere, such as by a password manager.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was made.' }),
    lastUsedAt: t.expose('lastUsedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it signed last. Null when it has not yet.',
    }),
  }),
});

export const PasskeyConnection = connectionOf(Passkey, { name: 'Passkey', entries: 'passkeys' });

export const SecondFactorsRef = builder.objectRef<SecondFactorsOverview>('SecondFactors');
SecondFactorsRef.implement({
  description: 'What you show beside your password, or in place of it.',
  fields: (t) => ({
    totpEnabledAt: t.expose('totpEnabledAt', {
      type: 'DateTime',
      nullable: true,
      description: 'Since when there is an authenticator app. Null without one.',
    }),
    recoveryCodesLeft: t.exposeInt('recoveryCodesLeft', {
      description: 'How many recovery codes are left; `renewRecoveryCodes` gives ten new ones.',
    }),
    isFresh: t.boolean({
      description: 'Whether you have shown a factor in this session within the last 15 minutes.',
      resolve: ({ freshUntil }) => freshUntil !== null,
    }),
    freshUntil: t.expose('freshUntil', {
      type: 'DateTime',
      nullable: true,
      description: 'Until when that counts. Null when it does not.',
    }),
  }),
});

export const PasskeyPurposeEnum = builder.enumType('PasskeyPurpose', {
  description: 'What a device is asked to sign for.',
  values: {
    REGISTRATION: { description: 'To make a passkey, for `registerPasskey`.' },
    CONFIRMATION: { description: 'To show one of yours, for `confirmSecondFactor`.' },
    LOG_IN: { description: 'To log in with one, for `logInWithPasskey`.' },
  },
});

interface PasskeyChallenge {
  readonly options: unknown;
  readonly expiresAt: Date;
}

export const RequestPasskeyChallengeSuccess = builder
  .objectRef<PasskeyChallenge>('RequestPasskeyChallengeSuccess')
  .implement({
    description: 'A challenge for a device, good for one answer.',
    fields: (t) => ({
      options: t.field({
        type: 'JSON',
        description:
          'For `PublicKeyCredential.parseCreationOptionsFromJSON` (REGISTRATION) or ' +
          '`parseRequestOptionsFromJSON` of a browser, as the standard Web Authentication has it.',
        resolve: ({ options }) => options,
      }),
      expiresAt: t.expose('expiresAt', {
        type: 'DateTime',
        description: 'Until when the answer has to be here.',
      }),
    }),
  });

const CODES =
  'Ten codes for when all else is lost, each good once. They are shown here and never again: keep them ' +
  'where the device is not.';

interface NewRecoveryCodes {
  readonly recoveryCodes: string[] | null;
}

const withRecoveryCodes = (
  name: string,
  { description, isNullWhen }: { readonly description: string; readonly isNullWhen: string },
) =>
  builder.objectRef<NewRecoveryCodes>(name).implement({
    description,
    fields: (t) => ({
      recoveryCodes: t.exposeStringList('recoveryCodes', {
        nullable: true,
        description: `${CODES} ${isNullWhen}`,
      }),
    }),
  });

export const ConfirmTotpSuccess = withRecoveryCodes('ConfirmTotpSuccess', {
  description: 'The authenticator app is a factor of yours from now on, and counts as shown.',
  isNullWhen: 'Null when you have some from before.',
});

export const RenewRecoveryCodesSuccess = withRecoveryCodes('RenewRecoveryCodesSuccess', {
  description: 'The old recovery codes are void.',
  isNullWhen: 'Null when the key came before.',
});

export const RegisterPasskeySuccess = builder
  .objectRef<RegisteredPasskey>('RegisterPasskeySuccess')
  .implement({
    description: 'The passkey is a factor of yours from now on, and counts as shown.',
    fields: (t) => ({
      passkey: t.field({ type: Passkey, description: 'It.', resolve: ({ passkey }) => passkey }),
      recoveryCodes: t.exposeStringList('recoveryCodes', {
        nullable: true,
        description: `${CODES} Null when you have some from before.`,
      }),
    }),
  });

export const EnableTotpSuccess = builder
  .objectRef<{ readonly secret: string; readonly uri: string }>('EnableTotpSuccess')
  .implement({
    description: 'A secret that waits for its first code: see `confirmTotp`.',
    fields: (t) => ({
      secret: t.exposeString('secret', {
        description: 'To be typed into an app, in base32. It is shown here and never again.',
      }),
      uri: t.exposeString('uri', { description: 'The same as `otpauth://…`, for a QR code.' }),
    }),
  });

export const ConfirmSecondFactorSuccess = builder
  .objectRef<{ readonly freshUntil: Date; readonly method: SecondFactorMethod }>(
    'ConfirmSecondFactorSuccess',
  )
  .implement({
    description:
      'It counts in this session, from the next request on. A socket that is open learns it when it sends ' +
      'its access token again.',
    fields: (t) => ({
      method: t.expose('method', { type: SecondFactorMethodEnum, description: 'What you showed.' }),
      freshUntil: t.expose('freshUntil', {
        type: 'DateTime',
        description: 'Until when it counts.',
      }),
    }),
  });
