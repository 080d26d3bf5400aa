import { builder } from '../../schema/builder.ts';
import { pageCost } from '../../schema/connections.ts';
import { Session, SessionConnection } from '../../schema/accounts/session.ts';
import { User, ViewerRef } from '../../schema/accounts/user.ts';
import { Model, ModelConnection } from '../../schema/agents/model.ts';
import { Account, AccountConnection } from '../../schema/portfolio/account.ts';
import { listedPage, nestedPage } from '../pages.ts';

builder.queryField('viewer', (t) =>
  t.field({
    type: ViewerRef,
    nullable: true,
    description: 'Your own things. Null when nobody is logged in.',
    resolve: (_root, _args, { viewer: { userId } }) => (userId === null ? null : { userId }),
  }),
);

builder.objectFields(ViewerRef, (t) => ({
  user: t.field({
    type: User,
    description: 'You.',
    resolve: (_viewer, _args, { viewer, services }) => services.users.me(viewer),
  }),
  account: t.field({
    type: Account,
    nullable: true,
    description: 'An account of yours. Null when there is none with this id.',
    args: { id: t.arg.globalID({ for: Account, description: 'Id of the account.' }) },
    resolve: async (_viewer, { id }, { viewer, services }) => {
      const [account] = await services.portfolios.list(viewer, { where: { id: id.id } });
      return account ?? null;
    },
  }),
  accounts: t.connection(
    {
      type: Account,
      description: 'Your accounts, newest first.',
      complexity: (args) => pageCost(args),
      resolve: ({ userId }, args, context) =>
        nestedPage(context, 'accountsOfUser', { parentId: userId, args, timeField: 'createdAt' }),
    },
    AccountConnection,
  ),
  models: t.connection(
    {
      type: Model,
      description: 'Your models, newest first.',
      complexity: (args) => pageCost(args),
      resolve: ({ userId }, args, context) =>
        nestedPage(context, 'modelsOfUser', { parentId: userId, args, timeField: 'createdAt' }),
    },
    ModelConnection,
  ),
  sessions: t.connection(
    {
      type: Session,
      description: 'Your open sessions, on every device; the one that was used last comes first.',
      complexity: (args) => pageCost(args),
      resolve: (_viewer, args, { viewer, services: { ownSessions } }) =>
        listedPage(args, {
          timeField: 'expiresAt',
          list: (selection) => ownSessions.list(viewer, selection),
          count: () => ownSessions.count(viewer),
        }),
    },
    SessionConnection,
  ),
}));
