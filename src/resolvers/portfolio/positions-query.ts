import { builder } from '../../schema/builder.ts';
import { pageCost } from '../../schema/connections.ts';
import { Account } from '../../schema/portfolio/account.ts';
import {
  Position,
  PositionConnection,
  PositionStatusEnum,
} from '../../schema/portfolio/position.ts';
import { given } from '../given.ts';
import { listedPage, readPage } from '../pages.ts';
import { heldOrNot } from './held-or-not.ts';

builder.queryField('positions', (t) =>
  t.connection(
    {
      type: Position,
      description:
        'Your positions, the latest opened first: those that are held, unless `status` asks for others. ' +
        'With `asOf`, as they stood then: with the quantity, cost and profit of then, and valued at the ' +
        'last price that was known then.',
      args: {
        accountId: t.arg.globalID({
          for: Account,
          required: false,
          description: 'Only of this account. All of yours when it is left out.',
        }),
        symbol: t.arg.string({ required: false, description: 'Only of this instrument.' }),
        status: t.arg({
          type: PositionStatusEnum,
          required: false,
          defaultValue: 'OPEN',
          description: 'Which ones, as they were at that time.',
        }),
        asOf: t.arg({
          type: 'DateTime',
          required: false,
          description: 'The time. Now when it is left out, and never later than now.',
        }),
      },
      complexity: (args) => pageCost(args),
      resolve: (_root, args, { viewer, services }) => {
        const { portfolios, positionsAsOf } = services;
        const { accountId, symbol, status, asOf, ...page } = args;
        const wanted = {
          ...given({ symbol, status: heldOrNot(status) }),
          ...(accountId && { accountId: accountId.id }),
        };
        if (asOf) {
          const past = { ...wanted, asOf };
          return listedPage(page, {
            timeField: 'openedAt',
            list: (_, request) => positionsAsOf.list(viewer, request, past),
            count: () => positionsAsOf.count(viewer, past),
          });
        }
        return readPage(page, {
          timeField: 'openedAt',
          read: (asked) => portfolios.positionPage(viewer, asked, wanted),
          count: () => portfolios.countPositions(viewer, wanted),
        });
      },
    },
    PositionConnection,
  ),
);
