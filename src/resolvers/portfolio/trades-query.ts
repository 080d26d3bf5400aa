import { builder } from '../../schema/builder.ts';
import { pageCost } from '../../schema/connections.ts';
import { Account } from '../../schema/portfolio/account.ts';
import { Trade, TradeConnection, TradeFilterInput } from '../../schema/portfolio/trade.ts';
import { given } from '../given.ts';
import { readPage } from '../pages.ts';

builder.queryField('trades', (t) =>
  t.connection(
    {
      type: Trade,
      description: 'Your trades, latest first.',
      args: {
        accountId: t.arg.globalID({
          for: Account,
          required: false,
          description: 'Only of this account. All of yours when it is left out.',
        }),
        filter: t.arg({
          type: TradeFilterInput,
          required: false,
          description: 'Only such trades.',
        }),
      },
      complexity: (args) => pageCost(args),
      resolve: (_root, { accountId, filter, ...page }, { viewer, fieldsRead, services }) => {
        const wanted = { ...given(filter ?? {}), ...(accountId && { accountId: accountId.id }) };
        const { portfolios } = services;
        return readPage(page, {
          timeField: 'executedAt',
          fields: fieldsRead?.Trade,
          read: (asked) => portfolios.tradePage(viewer, asked, wanted),
          count: () => portfolios.countTrades(viewer, wanted),
        });
      },
    },
    TradeConnection,
  ),
);
