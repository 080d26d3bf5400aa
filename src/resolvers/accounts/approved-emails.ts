import { z } from 'zod';
import { builder } from '../../schema/builder.ts';
import {
  ApprovedEmail,
  ApprovedEmailConnection,
  ApproveEmailsSuccess,
  UnapproveEmailSuccess,
} from '../../schema/accounts/approved-email.ts';
import { AdminRef } from '../../schema/accounts/user.ts';
import { pageCost } from '../../schema/connections.ts';
import { IDEMPOTENCY_KEY, keyText } from '../../schema/inputs.ts';
import { IdempotencyConflict } from '../../services/platform/errors.ts';
import { listedPage } from '../pages.ts';

const text = z.string().max(320);

builder.objectField(AdminRef, 'approvedEmails', (t) =>
  t.connection(
    {
      type: ApprovedEmail,
      description:
        'The addresses whose sign-ups need no administrator, where the policy is `allow-list`; newest first.',
      complexity: (args) => pageCost(args),
      resolve: (_admin, page, { viewer, services: { approvedEmails } }) =>
        listedPage(page, {
          timeField: 'createdAt',
          list: (selection) => approvedEmails.list(viewer, selection),
          count: () => approvedEmails.count(viewer),
        }),
    },
    ApprovedEmailConnection,
  ),
);

builder.mutationFields((t) => ({
  approveEmails: t.fieldWithInput({
    type: ApproveEmailsSuccess,
    description:
      'Puts addresses on the list of those that enter by themselves, once they are confirmed, where the ' +
      'policy is `allow-list`. Who has confirmed theirs before still waits for `approveUser`. For ' +
      'administrators.',
    errors: {
      directResult: true,
      types: [IdempotencyConflict],
      union: { description: 'The addresses are on the list, or why they are not.' },
    },
    typeOptions: { description: 'Which addresses are approved.' },
    argOptions: { description: 'Which addresses are approved.' },
    input: {
      emails: t.input.stringList({
        description: 'Up to 100 addresses, in any case.',
        validate: z.array(text).min(1).max(100),
      }),
      idempotencyKey: t.input.string({ description: IDEMPOTENCY_KEY, validate: keyText }),
    },
    resolve: (_root, { input }, { viewer, services }) =>
      services.approvedEmails.approve(viewer, input),
  }),
  unapproveEmail: t.fieldWithInput({
    type: UnapproveEmailSuccess,
    description: 'Takes an address off that list. Who entered with it stays. For administrators.',
    errors: {
      directResult: true,
      types: [IdempotencyConflict],
      union: { description: 'The address is not on the list, or why it still is.' },
    },
    typeOptions: { description: 'Which address is not approved any more.' },
    argOptions: { description: 'Which address is not approved any more.' },
    input: {
      email: t.input.string({ description: 'The address, in any case.', validate: text }),
      idempotencyKey: t.input.string({ description: IDEMPOTENCY_KEY, validate: keyText }),
    },
    resolve: (_root, { input }, { viewer, services }) =>
      services.approvedEmails.unapprove(viewer, input),
  }),
}));
