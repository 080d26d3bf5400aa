import { z } from 'zod';
import { builder } from '../../schema/builder.ts';
import { ResendVerificationSuccess, VerifyEmailSuccess } from '../../schema/accounts/entrance.ts';
import { InvalidLink } from '../../services/accounts/errors.ts';

/** Longer than any address or token, and short enough to cost nothing. */
const text = z.string().max(320);

builder.mutationFields((t) => ({
  verifyEmail: t.fieldWithInput({
    type: VerifyEmailSuccess,
    description:
      'Confirms the address of a sign-up with the token of the link that was mailed to it. Needs no log-in.',
    errors: {
      directResult: true,
      types: [InvalidLink],
      union: { description: 'The address is confirmed, or why it is not.' },
    },
    typeOptions: { description: 'Which address is confirmed.' },
    argOptions: { description: 'Which address is confirmed.' },
    input: {
      token: t.input.string({
        description: 'What the link carries. Good for one use, within a day.',
        validate: text,
      }),
    },
    resolve: (_root, { input }, { viewer, services }) =>
      services.emailVerification.verify(viewer, input),
  }),
  resendVerification: t.fieldWithInput({
    type: ResendVerificationSuccess,
    description:
      'Mails the link again that confirms an address; the older one is void. The answer is the same for ' +
      'every address. Needs no log-in.',
    errors: {
      directResult: true,
      types: [],
      union: { description: 'It was asked for. There is no way for this to be refused.' },
    },
    typeOptions: { description: 'Where the mail goes to.' },
    argOptions: { description: 'Where the mail goes to.' },
    input: {
      email: t.input.string({ description: 'The address of the sign-up.', validate: text }),
    },
    resolve: async (_root, { input }, { viewer, services }) => {
      await services.emailVerification.resend(viewer, input);
      return { isRequested: true } as const;
    },
  }),
}));
