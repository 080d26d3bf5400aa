import { builder } from '../../schema/builder.ts';
import { Account } from '../../schema/portfolio/account.ts';
import { AccountStatement } from '../../schema/portfolio/account-figures.ts';
import type { StatementLink } from '../../services/portfolio/statement-links.ts';
import { present } from '../present.ts';

/** It sums all that moved an account's cash. */
const SUMMARY_COST = 10;

builder.objectField(Account, 'statement', (t) =>
  t.field({
    type: AccountStatement,
    description:
      'What a stretch of time did to its cash, ten years at most. `createStatement` gives every line.',
    args: {
      from: t.arg({ type: 'DateTime', description: 'Its beginning.' }),
      to: t.arg({ type: 'DateTime', description: 'Its end, itself not in it.' }),
    },
    complexity: SUMMARY_COST,
    resolve: async ({ id }, times, { load }) => present(await load.statement(id, times)),
  }),
);

const CreatedStatement = builder.objectRef<StatementLink>('CreateStatementSuccess').implement({
  description: 'A link to a statement as CSV.',
  fields: (t) => ({
    path: t.exposeString('path', {
      description:
        'To be asked of this server with GET, such as `/statements/…`. Whoever has it may download the ' +
        'statement: keep it to yourself.',
    }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      description: 'Until when, in 5 minutes.',
    }),
  }),
});

builder.mutationField('createStatement', (t) =>
  t.fieldWithInput({
    type: CreatedStatement,
    description:
      'Makes a link to the statement of an account as CSV: a line for each movement of cash and each ' +
      'split, oldest first, with the balance after it. It moves nothing, and so takes no idempotency ' +
      'key: each call makes a link of its own.',
    errors: {
      directResult: true,
      types: [],
      union: { description: 'The link. There is no refusal of its own.' },
    },
    typeOptions: { description: 'Which account, and when.' },
    argOptions: { description: 'Which account, and when.' },
    input: {
      accountId: t.input.globalID({ for: Account, description: 'Id of the account.' }),
      from: t.input.field({ type: 'DateTime', description: 'Its beginning.' }),
      to: t.input.field({ type: 'DateTime', description: 'Its end, itself not in it.' }),
    },
    resolve: (_root, { input: { accountId, ...times } }, { viewer, services }) =>
      services.statementLinks.create(viewer, { ...times, accountId: accountId.id }),
  }),
);
