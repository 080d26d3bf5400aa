import type { VerifiedPerson } from '../../services/accounts/email-verification.ts';
import { builder } from '../builder.ts';
import { UserStatusEnum } from './user.ts';

export const VerifyEmailSuccess = builder
  .objectRef<VerifiedPerson>('VerifyEmailSuccess')
  .implement({
    description: 'The address is confirmed.',
    fields: (t) => ({
      username: t.exposeString('username', { description: 'Whose address it is.' }),
      status: t.expose('status', {
        type: UserStatusEnum,
        description:
          'Whether they may log in now: `ACTIVE`, or `PENDING` while an administrator has to approve them.',
      }),
    }),
  });

/** A mail was asked for. What it says does not depend on whether there is one to send. */
const requested = (name: string, description: string) =>
  builder.objectRef<{ readonly isRequested: true }>(name).implement({
    description,
    fields: (t) => ({
      isRequested: t.exposeBoolean('isRequested', { description: 'Always true.' }),
    }),
  });

export const ResendVerificationSuccess = requested(
  'ResendVerificationSuccess',
  'If somebody signed up with the address and did not confirm it, a mail is on its way.',
);

export const RequestPasswordResetSuccess = requested(
  'RequestPasswordResetSuccess',
  'If somebody who may log in has the address, a mail is on its way.',
);

export const ResetPasswordSuccess = builder
  .objectRef<{ readonly isReset: true }>('ResetPasswordSuccess')
  .implement({
    description: 'The password is another one, and all sessions are over. Log in with it.',
    fields: (t) => ({
      isReset: t.exposeBoolean('isReset', { description: 'Always true.' }),
    }),
  });

export const ChangePasswordSuccess = builder
  .objectRef<{ readonly endedSessions: number }>('ChangePasswordSuccess')
  .implement({
    description:
      'The password is another one. All access tokens are void, that of this request too: go on with ' +
      '`refreshSession`.',
    fields: (t) => ({
      endedSessions: t.exposeInt('endedSessions', {
        description: 'How many sessions of yours ended by it: all but this one.',
      }),
    }),
  });
