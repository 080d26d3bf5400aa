import type { MailTemplate } from '../mail-data.ts';
import type { MailWords } from '../mail-content.ts';
import {
  accountApproved,
  accountDisabled,
  accountEnabled,
  accountRejected,
} from './account-status.ts';
import { apiKeyCreated, passwordChanged, passwordReset, secondFactorChanged } from './security.ts';
import { webhookDisabled } from './webhooks.ts';
import { adminNewSignUp, emailInUse, signUpWaiting, verifyEmail } from './sign-up.ts';

/** The words of every kind of mail. */
export const WORDS: { readonly [Template in MailTemplate]: MailWords<Template> } = {
  'verify-email': verifyEmail,
  'email-in-use': emailInUse,
  'sign-up-waiting': signUpWaiting,
  'account-approved': accountApproved,
  'account-rejected': accountRejected,
  'account-disabled': accountDisabled,
  'account-enabled': accountEnabled,
  'password-reset': passwordReset,
  'password-changed': passwordChanged,
  'admin-new-sign-up': adminNewSignUp,
  'second-factor-changed': secondFactorChanged,
  'api-key-created': apiKeyCreated,
  'webhook-disabled': webhookDisabled,
};
