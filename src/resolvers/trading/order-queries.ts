import { builder } from '../../schema/builder.ts';
import { pageCost } from '../../schema/connections.ts';
import { Account } from '../../schema/portfolio/account.ts';
import { Order, OrderConnection, OrderFilterInput } from '../../schema/trading/order.ts';
import { given } from '../given.ts';
import { readPage } from '../pages.ts';

builder.queryField('orders', (t) =>
  t.connection(
    {
      type: Order,
      description: 'Your orders, newest first.',
      args: {
        accountId: t.arg.globalID({
          for: Account,
          required: false,
          description: 'Only of this account. All of yours when it is left out.',
        }),
        filter: t.arg({
          type: OrderFilterInput,
          required: false,
          description: 'Only such orders.',
        }),
      },
      complexity: (args) => pageCost(args),
      resolve: (
        _root,
        { accountId, filter, ...page },
        { viewer, fieldsRead, services: { orders } },
      ) => {
        const { status, ...others } = filter ?? {};
        const wanted = given({ ...others, statuses: status, accountId: accountId?.id });
        return readPage(page, {
          timeField: 'createdAt',
          fields: fieldsRead?.Order,
          read: (asked) => orders.page(viewer, asked, wanted),
          count: () => orders.count(viewer, wanted),
        });
      },
    },
    OrderConnection,
  ),
);
