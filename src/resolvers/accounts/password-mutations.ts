import { z } from 'zod';
import { builder } from '../../schema/builder.ts';
import {
  ChangePasswordSuccess,
  RequestPasswordResetSuccess,
  ResetPasswordSuccess,
} from '../../schema/accounts/entrance.ts';
import { InvalidCredentials, InvalidLink, WeakPassword } from '../../services/accounts/errors.ts';

/** Longer than any address or token, and short enough to cost nothing. */
const text = z.string().max(320);
/** Hashing takes time with the length; nobody types more. */
const passwordText = z.string().max(1_024);
const success = { directResult: true } as const;

builder.mutationFields((t) => ({
  requestPasswordReset: t.fieldWithInput({
    type: RequestPasswordResetSuccess,
    description:
      'Mails a link with which somebody who lost their password chooses another. The answer is the same ' +
      'for every address. Needs no log-in.',
    errors: {
      ...success,
      types: [],
      union: { description: 'It was asked for. There is no way for this to be refused.' },
    },
    typeOptions: { description: 'Where the mail goes to.' },
    argOptions: { description: 'Where the mail goes to.' },
    input: {
      email: t.input.string({ description: 'The address of the person.', validate: text }),
    },
    resolve: async (_root, { input }, { viewer, services }) => {
      await services.passwordReset.request(viewer, input);
      return { isRequested: true } as const;
    },
  }),
  resetPassword: t.fieldWithInput({
    type: ResetPasswordSuccess,
    description:
      'Chooses a password with the token of the link that was mailed. All sessions end, and none is ' +
      'opened; second factors stay. Needs no log-in.',
    errors: {
      ...success,
      types: [InvalidLink, WeakPassword],
      union: { description: 'The password is another one, or why it is not.' },
    },
    typeOptions: { description: 'The link and the new password.' },
    argOptions: { description: 'The link and the new password.' },
    input: {
      token: t.input.string({
        description: 'What the link carries. Good for one use, within an hour.',
        validate: text,
      }),
      newPassword: t.input.string({
        description: 'At least 12 characters, and none that everyone uses.',
        validate: passwordText,
      }),
    },
    resolve: async (_root, { input }, { viewer, services }) => {
      await services.passwordReset.reset(viewer, input);
      return { isReset: true } as const;
    },
  }),
}));

builder.mutationField('changePassword', (t) =>
  t.fieldWithInput({
    type: ChangePasswordSuccess,
    description:
      'Gives you another password. Your other sessions and their streams end, and all access tokens are ' +
      'void: this session goes on with its refresh token.',
    errors: {
      ...success,
      types: [InvalidCredentials, WeakPassword],
      union: { description: 'The password is another one, or why it is not.' },
    },
    typeOptions: { description: 'The old and the new password.' },
    argOptions: { description: 'The old and the new password.' },
    input: {
      currentPassword: t.input.string({
        description: 'The one until now. Wrong ones count as wrong log-ins.',
        validate: passwordText,
      }),
      newPassword: t.input.string({
        description: 'At least 12 characters, and none that everyone uses.',
        validate: passwordText,
      }),
    },
    resolve: (_root, { input }, { viewer, services }) =>
      services.passwordChange.change(viewer, input),
  }),
);
