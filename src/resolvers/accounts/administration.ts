import { builder } from '../../schema/builder.ts';
import { pageCost } from '../../schema/connections.ts';
import { AdminRef, User, UserConnection, UserFilterInput } from '../../schema/accounts/user.ts';
import { given } from '../given.ts';
import { listedPage } from '../pages.ts';

builder.queryField('admin', (t) =>
  t.field({
    type: AdminRef,
    nullable: true,
    description: "Everyone's things, for administrators. Null, with an error, for all others.",
    resolve: () => ({}),
  }),
);

builder.objectFields(AdminRef, (t) => ({
  users: t.connection(
    {
      type: User,
      description: 'Everyone, newest first.',
      args: {
        filter: t.arg({ type: UserFilterInput, required: false, description: 'What narrows it.' }),
      },
      complexity: (args) => pageCost(args),
      resolve: (_admin, { filter, ...page }, { viewer, services: { userDirectory } }) => {
        const wanted = given(filter ?? {});
        return listedPage(page, {
          timeField: 'createdAt',
          list: (selection) => userDirectory.list(viewer, selection, wanted),
          count: () => userDirectory.count(viewer, wanted),
        });
      },
    },
    UserConnection,
  ),
  pendingUsers: t.connection(
    {
      type: User,
      description: 'Who waits for approval, newest first.',
      complexity: (args) => pageCost(args),
      resolve: (_admin, page, { viewer, services: { userDirectory } }) => {
        const wanted = { status: ['PENDING'] } as const;
        return listedPage(page, {
          timeField: 'createdAt',
          list: (selection) => userDirectory.list(viewer, selection, wanted),
          count: () => userDirectory.count(viewer, wanted),
        });
      },
    },
    UserConnection,
  ),
}));
