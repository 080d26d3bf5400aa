import { LINK_HOURS, type MailData } from '../mail-data.ts';
import type { MailWords } from '../mail-content.ts';

const REASON = 'it is about the security of your account at Tradegraph';
const NOT_YOU =
  'If it was not you, somebody else is in your account: choose a new password at once, look through ' +
  'your sessions and keys, and tell whoever runs this service.';

const hourWords = (hours: number): string => (hours === 1 ? 'one hour' : `${String(hours)} hours`);

export const passwordReset: MailWords<'password-reset'> = ({ username, token }, { link }) => ({
  subject: 'Choose a new password',
  preview: 'Somebody, hopefully you, asked for it.',
  heading: 'Choose a new password',
  paragraphs: [
    `Hello ${username},`,
    'Somebody, hopefully you, asked for a new password for your account.',
  ],
  action: { label: 'Choose a new password', url: link('reset-password', token) },
  notes: [
    `The link works once, within ${hourWords(LINK_HOURS['password-reset'])}.`,
    'If it was not you, ignore this mail: your password stays as it is.',
  ],
  reason: 'somebody asked for a new password for the account of this address',
});

export const passwordChanged: MailWords<'password-changed'> = ({ username }, { time }) => ({
  subject: 'Your password was changed',
  preview: 'If it was not you, act now.',
  heading: 'Your password was changed',
  paragraphs: [
    `Hello ${username},`,
    `The password of your account was changed on ${time}. Other devices were logged out.`,
  ],
  notes: [NOT_YOU],
  reason: REASON,
});

type FactorChange = MailData<'second-factor-changed'>['change'];

const FACTOR_CHANGES: Readonly<Record<FactorChange, string>> = {
  TOTP_ENABLED: 'An authenticator app was set up',
  TOTP_DISABLED: 'The authenticator app was removed',
  PASSKEY_ADDED: 'A passkey was added',
  PASSKEY_REMOVED: 'A passkey was removed',
  RECOVERY_CODES_RENEWED: 'New recovery codes were made; the old ones are void',
  RECOVERY_CODE_USED: 'A recovery code was used, which is void now',
  RESET: 'An operator removed all second factors',
};

export const secondFactorChanged: MailWords<'second-factor-changed'> = (
  { username, change },
  { time },
) => ({
  subject: 'Your second factor was changed',
  preview: `${FACTOR_CHANGES[change]}.`,
  heading: 'Your second factor was changed',
  paragraphs: [`Hello ${username},`, 'This was done in your account:'],
  details: [
    { name: 'What', value: FACTOR_CHANGES[change] },
    { name: 'When', value: time },
  ],
  notes: [NOT_YOU],
  reason: REASON,
});

const ENVIRONMENTS: Readonly<Record<string, string>> = {
  LIVE: 'Live: it reaches all of your accounts',
  TEST: 'Test: it reaches paper accounts alone',
};

export const apiKeyCreated: MailWords<'api-key-created'> = (
  { username, keyPrefix, environment },
  { time },
) => ({
  subject: 'A new API key was made',
  preview: `It begins with ${keyPrefix}.`,
  heading: 'A new API key was made',
  paragraphs: [`Hello ${username},`, 'Whoever has this key can use your account with it:'],
  details: [
    { name: 'Begins with', value: keyPrefix },
    { name: 'Kind', value: ENVIRONMENTS[environment] ?? environment },
    { name: 'When', value: time },
  ],
  notes: [NOT_YOU],
  reason: REASON,
});
