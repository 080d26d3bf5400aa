import type { MailWords } from '../mail-content.ts';

const REASON = 'you have an account at Tradegraph, or asked for one';
const MISTAKE = 'If you think that this is a mistake, ask whoever runs this service.';

export const accountApproved: MailWords<'account-approved'> = ({ username }, { link }) => ({
  subject: 'Your account is ready',
  preview: 'Your sign-up was approved.',
  heading: 'Your account is ready',
  paragraphs: [`Hello ${username},`, 'Your sign-up was approved. You can log in now.'],
  action: { label: 'Log in', url: link('') },
  reason: REASON,
});

export const accountRejected: MailWords<'account-rejected'> = ({ username }) => ({
  subject: 'Your sign-up was not approved',
  preview: 'An administrator decided against it.',
  heading: 'Your sign-up was not approved',
  paragraphs: [
    `Hello ${username},`,
    'An administrator looked at your sign-up and decided against it. You cannot log in.',
  ],
  notes: [MISTAKE],
  reason: REASON,
});

export const accountDisabled: MailWords<'account-disabled'> = ({ username }, { time }) => ({
  subject: 'Your account was disabled',
  preview: 'You were logged out everywhere.',
  heading: 'Your account was disabled',
  paragraphs: [
    `Hello ${username},`,
    `An administrator disabled your account on ${time}. You were logged out everywhere, and nobody ` +
      'can log in to it. What you have there is kept.',
  ],
  notes: [MISTAKE],
  reason: REASON,
});

export const accountEnabled: MailWords<'account-enabled'> = ({ username }, { link }) => ({
  subject: 'Your account is enabled again',
  preview: 'You can log in again.',
  heading: 'Your account is enabled again',
  paragraphs: [
    `Hello ${username},`,
    'An administrator enabled your account again. Log in anew: what was logged in before stays ' +
      'logged out.',
  ],
  action: { label: 'Log in', url: link('') },
  reason: REASON,
});
