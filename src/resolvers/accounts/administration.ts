import { builder } from '../../schema/builder.ts';
import { pageCost } from '../../schema/connections.ts';
import { AdminRef, User, UserConnection, UserFilterInput } from '../../schema/accounts/user.ts';
import { NotFound } from '../../services/platform/errors.ts';
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
  user: t.prismaField({
    type: User,
    nullable: true,
    description: 'One person. Null when there is nobody with this id.',
    args: { id: t.arg.globalID({ for: User, description: 'Id of the person.' }) },
    resolve: async (query, _admin, { id }, { viewer, services: { userDirectory } }) => {
      try {
        return await userDirectory.get(viewer, query, id.id);
      } catch (error) {
        if (error instanceof NotFound) return null;
        throw error;
      }
    },
  }),
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
          list: (_selection, asked) => userDirectory.list(viewer, asked, wanted),
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
          list: (_selection, asked) => userDirectory.list(viewer, asked, wanted),
          count: () => userDirectory.count(viewer, wanted),
        });
      },
    },
    UserConnection,
  ),
}));
