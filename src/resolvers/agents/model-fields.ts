import { builder } from '../../schema/builder.ts';
import { pageCost } from '../../schema/connections.ts';
import { User } from '../../schema/accounts/user.ts';
import { AgentLogEntry, AgentLogEntryConnection } from '../../schema/agents/agent-log.ts';
import { Model } from '../../schema/agents/model.ts';
import { Account, AccountConnection } from '../../schema/portfolio/account.ts';
import { nestedPage } from '../pages.ts';
import { present } from '../present.ts';

const ONLY_YOURS = 'Null unless the model is yours or you are an administrator.';

builder.objectFields(Model, (t) => ({
  owner: t.field({
    type: User,
    nullable: true,
    description: `Whose it is. ${ONLY_YOURS}`,
    resolve: ({ ownerId }, _args, { load }) => load.byId('user', ownerId),
  }),
  prompt: t.string({
    nullable: true,
    description: `What it is told before each run. ${ONLY_YOURS}`,
    resolve: async ({ id }, _args, { load }) =>
      (await load.byId('modelSecrets', id))?.prompt ?? null,
  }),
  costUsd: t.field({
    type: 'Decimal',
    nullable: true,
    description: `Money spent on its provider so far, in US dollars. ${ONLY_YOURS}`,
    resolve: async ({ id }, _args, { load }) =>
      (await load.byId('modelSecrets', id))?.costUsd ?? null,
  }),
  accounts: t.connection(
    {
      type: Account,
      nullable: true,
      description: `The accounts that it trades, newest first. ${ONLY_YOURS}`,
      complexity: (args) => pageCost(args),
      resolve: ({ id }, args, context) =>
        nestedPage(context, 'accountsOfModel', { parentId: id, args, timeField: 'createdAt' }),
    },
    AccountConnection,
  ),
  log: t.connection(
    {
      type: AgentLogEntry,
      description:
        'What it read, thought and decided, newest first. Empty for others unless the model is ' +
        'public and its owner publishes the log.',
      complexity: (args) => pageCost(args),
      resolve: ({ id }, args, context) =>
        nestedPage(context, 'logOfModel', { parentId: id, args, timeField: 'occurredAt' }),
    },
    AgentLogEntryConnection,
  ),
}));

builder.objectField(AgentLogEntry, 'model', (t) =>
  t.field({
    type: Model,
    description: 'The model whose log it is.',
    resolve: async ({ modelId }, _args, { load }) => present(await load.byId('model', modelId)),
  }),
);
