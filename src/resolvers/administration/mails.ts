import { AdminRef } from '../../schema/accounts/user.ts';
import { Mail, MailConnection, MailFilterInput } from '../../schema/administration/mail.ts';
import { builder } from '../../schema/builder.ts';
import { pageCost } from '../../schema/connections.ts';
import { IDEMPOTENCY_KEY, keyText } from '../../schema/inputs.ts';
import { MailStateConflict } from '../../services/administration/errors.ts';
import { IdempotencyConflict } from '../../services/platform/errors.ts';
import { given } from '../given.ts';
import { listedPage } from '../pages.ts';

builder.objectField(AdminRef, 'mails', (t) =>
  t.connection(
    {
      type: Mail,
      description: 'The mails of the last 90 days and those that wait, newest first.',
      args: {
        filter: t.arg({ type: MailFilterInput, required: false, description: 'What narrows it.' }),
      },
      complexity: (args) => pageCost(args),
      resolve: (_admin, { filter, ...page }, { viewer, services: { mailAdministration } }) => {
        const wanted = given(filter ?? {});
        return listedPage(page, {
          timeField: 'createdAt',
          list: (selection) => mailAdministration.list(viewer, selection, wanted),
          count: () => mailAdministration.count(viewer, wanted),
        });
      },
    },
    MailConnection,
  ),
);

builder.mutationField('retryMail', (t) =>
  t.fieldWithInput({
    type: Mail,
    description:
      'Has a mail that failed sent as if it were new, such as after its relay was put right. For ' +
      'administrators.',
    errors: {
      types: [MailStateConflict, IdempotencyConflict],
      result: { description: 'The mail waits to be sent.' },
      union: { description: 'The mail waits to be sent, or why it does not.' },
      dataField: { name: 'mail', description: 'The mail as it is now.' },
    },
    typeOptions: { description: 'Which mail is tried again.' },
    argOptions: { description: 'Which mail is tried again.' },
    input: {
      mailId: t.input.field({ type: 'UUID', description: '`id` of the mail.' }),
      idempotencyKey: t.input.string({ description: IDEMPOTENCY_KEY, validate: keyText }),
    },
    resolve: (_root, { input }, { viewer, services }) =>
      services.mailAdministration.retry(viewer, input),
  }),
);
