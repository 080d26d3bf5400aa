import { builder } from '../builder.ts';
import { connectionOf } from '../list.ts';
import { User } from './user.ts';

export const ApprovedEmail = builder.prismaObject('ApprovedEmail', {
  description: 'An address whose sign-up needs no administrator, where the policy is `allow-list`.',
  fields: (t) => ({
    email: t.exposeString('emailKey', { description: 'In lower case.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was added.' }),
    addedBy: t.field({
      type: User,
      nullable: true,
      description: 'The administrator who added it. Null for an operator.',
      resolve: ({ addedBy }, _args, { load }) => (addedBy ? load.byId('user', addedBy) : null),
    }),
  }),
});

export const ApprovedEmailConnection = connectionOf(ApprovedEmail, {
  ...{ name: 'ApprovedEmail', entries: 'approved addresses' },
});

export const ApproveEmailsSuccess = builder
  .objectRef<{ readonly added: number }>('ApproveEmailsSuccess')
  .implement({
    description: 'The addresses are on the list.',
    fields: (t) => ({
      added: t.exposeInt('added', { description: 'How many were not on it before.' }),
    }),
  });

export const UnapproveEmailSuccess = builder
  .objectRef<{ readonly wasApproved: boolean }>('UnapproveEmailSuccess')
  .implement({
    description: 'The address is not on the list.',
    fields: (t) => ({
      wasApproved: t.exposeBoolean('wasApproved', { description: 'Whether it was on it before.' }),
    }),
  });
