import { LINK_HOURS } from '../mail-data.ts';
import type { MailWords } from '../mail-content.ts';

const SIGNED_UP = 'somebody signed up with this address';

export const verifyEmail: MailWords<'verify-email'> = ({ username, token }, { link }) => ({
  subject: 'Confirm your e-mail address',
  preview: 'One click, and your address is confirmed.',
  heading: 'Confirm your address',
  paragraphs: [
    `Hello ${username},`,
    'Thank you for signing up. Please confirm that this address is yours.',
  ],
  action: { label: 'Confirm this address', url: link('verify-email', token) },
  notes: [
    `The link works once, within ${String(LINK_HOURS['verify-email'])} hours.`,
    'If you did not sign up, ignore this mail: without the link, nothing happens.',
  ],
  reason: SIGNED_UP,
});

export const emailInUse: MailWords<'email-in-use'> = (_data, { link, time }) => ({
  subject: 'You already have an account',
  preview: 'Somebody tried to sign up with this address.',
  heading: 'You already have an account',
  paragraphs: [
    `On ${time} somebody, perhaps you, tried to sign up with this address. It belongs to an account ` +
      'already, so nothing was made or changed.',
    'If it was you, log in with that account. If you do not know its password any more, ask for a new ' +
      'one there.',
  ],
  action: { label: 'Log in', url: link('') },
  notes: ['If it was not you, there is nothing to do.'],
  reason: SIGNED_UP,
});

export const signUpWaiting: MailWords<'sign-up-waiting'> = ({ username }) => ({
  subject: 'Your sign-up waits for approval',
  preview: 'You get a mail as soon as it is decided.',
  heading: 'Your sign-up waits for approval',
  paragraphs: [
    `Hello ${username},`,
    'Thank you for signing up. An administrator looks at every new account before it can be used. ' +
      'You get a mail as soon as yours is decided.',
  ],
  reason: SIGNED_UP,
});

const STATUSES: Readonly<Record<string, string>> = {
  PENDING: 'Waits for approval',
  ACTIVE: 'Active',
};
const RISKS: Readonly<Record<string, string>> = {
  DISPOSABLE_EMAIL: 'disposable e-mail address',
  VELOCITY: 'one of many at a time',
  EMAIL_IN_USE: "another account's e-mail address",
};

export const adminNewSignUp: MailWords<'admin-new-sign-up'> = ({ username, status, risks }) => {
  const names = risks.split(',').flatMap((risk) => risk.trim() || []);
  const isWaiting = status === 'PENDING';
  return {
    subject: `New sign-up: ${username}`,
    preview: isWaiting ? 'It waits for approval.' : 'The account is active.',
    heading: 'New sign-up',
    paragraphs: [
      isWaiting
        ? 'Somebody signed up and waits for an administrator to approve or reject it.'
        : 'Somebody signed up. There is nothing to decide.',
    ],
    details: [
      { name: 'User name', value: username },
      { name: 'Status', value: STATUSES[status] ?? status },
      {
        name: 'Risks',
        value: names.map((risk) => RISKS[risk] ?? risk).join('; ') || 'None found',
      },
    ],
    reason: 'this address is told of new sign-ups (ADMIN_EMAIL)',
  };
};
