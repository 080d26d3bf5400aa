import { builder } from '../../schema/builder.ts';
import { pageCost } from '../../schema/connections.ts';
import { Account } from '../../schema/portfolio/account.ts';
import { LedgerEntry, LedgerEntryConnection } from '../../schema/portfolio/ledger-entry.ts';
import { Trade } from '../../schema/portfolio/trade.ts';
import { nestedPage } from '../pages.ts';

builder.objectField(Account, 'ledger', (t) =>
  t.connection(
    {
      type: LedgerEntry,
      description: 'Every movement of its cash, the latest first. They sum to the cash.',
      complexity: (args) => pageCost(args),
      resolve: ({ id }, args, context) =>
        nestedPage(context, 'entriesOfAccount', { parentId: id, args, timeField: 'occurredAt' }),
    },
    LedgerEntryConnection,
  ),
);

builder.objectField(LedgerEntry, 'trade', (t) =>
  t.field({
    type: Trade,
    nullable: true,
    description: 'The trade behind a FILL or a FEE. Null for other causes.',
    resolve: ({ cause, causeId }, _args, { load }) =>
      cause === 'FILL' || cause === 'FEE' ? load.byId('trade', causeId) : null,
  }),
);
