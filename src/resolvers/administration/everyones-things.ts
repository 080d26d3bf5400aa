import { AdminRef, User } from '../../schema/accounts/user.ts';
import { Model, ModelConnection, ModelStatusEnum } from '../../schema/agents/model.ts';
import { builder } from '../../schema/builder.ts';
import { pageCost } from '../../schema/connections.ts';
import { Leaderboard } from '../../schema/performance/leaderboard.ts';
import { Account, AccountConnection } from '../../schema/portfolio/account.ts';
import { given } from '../given.ts';
import { listedPage } from '../pages.ts';
import { BOARD_ARGUMENTS, BOARD_COST } from '../performance/leaderboard.ts';

builder.objectFields(AdminRef, (t) => {
  const owner = t.arg.globalID({
    for: User,
    required: false,
    description: 'Only those of this person.',
  });
  return {
    models: t.connection(
      {
        type: Model,
        description: "Everyone's models, private ones too, newest first.",
        args: {
          ownerId: owner,
          status: t.arg({
            type: ModelStatusEnum,
            required: false,
            description: 'Only models that stand there.',
          }),
        },
        complexity: (args) => pageCost(args),
        resolve: (_admin, { ownerId, status, ...page }, { viewer, services: { models } }) => {
          const wanted = { scope: 'ALL', ...given({ status, ownerId: ownerId?.id }) } as const;
          return listedPage(page, {
            timeField: 'createdAt',
            list: (selection) => models.list(viewer, selection, wanted),
            count: () => models.count(viewer, wanted),
          });
        },
      },
      ModelConnection,
    ),
    accounts: t.connection(
      {
        type: Account,
        description: "Everyone's accounts, newest first.",
        args: { ownerId: owner },
        complexity: (args) => pageCost(args),
        resolve: (_admin, { ownerId, ...page }, { viewer, services: { accountDirectory } }) => {
          const wanted = given({ ownerId: ownerId?.id });
          return listedPage(page, {
            timeField: 'createdAt',
            list: (selection) => accountDirectory.list(viewer, selection, wanted),
            count: () => accountDirectory.count(viewer, wanted),
          });
        },
      },
      AccountConnection,
    ),
    leaderboard: t.field({
      type: Leaderboard,
      description: "Everyone's models in the order of a metric, private ones too.",
      args: BOARD_ARGUMENTS,
      complexity: { field: BOARD_COST },
      resolve: (_admin, args, { viewer, services }) =>
        services.leaderboard.read(viewer, { ...given(args), scope: 'ALL' }),
    }),
  };
});
