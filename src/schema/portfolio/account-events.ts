import type { OwnEvent } from '../../services/accounts/own-events.ts';
import type {
  Account as AccountRow,
  Trade as TradeRow,
} from '../../services/platform/prisma/client.ts';
import { builder } from '../builder.ts';
import { CURSOR, OCCURRED_AT } from '../platform/event-words.ts';
import { StreamGap } from '../platform/stream.ts';
import { Account } from './account.ts';
import { Trade } from './trade.ts';

const TradeExecuted = builder.objectRef<OwnEvent<TradeRow>>('TradeExecuted').implement({
  description: 'A trade was made.',
  fields: (t) => ({
    cursor: t.expose('cursor', { type: 'Cursor', description: CURSOR }),
    occurredAt: t.expose('occurredAt', { type: 'DateTime', description: OCCURRED_AT }),
    trade: t.field({ type: Trade, description: 'The trade.', resolve: ({ row }) => row }),
  }),
});

export const TradeExecutedPayload = builder.unionType('TradeExecutedPayload', {
  description: 'A trade, or the news that some may be missing.',
  types: [TradeExecuted, StreamGap],
  resolveType: ({ kind }) => (kind === 'gap' ? StreamGap : TradeExecuted),
});

const BalanceChanged = builder.objectRef<OwnEvent<AccountRow>>('BalanceChanged').implement({
  description: 'The cash of an account, or what orders hold back of it, is not as it was.',
  fields: (t) => ({
    cursor: t.expose('cursor', { type: 'Cursor', description: CURSOR }),
    occurredAt: t.expose('occurredAt', { type: 'DateTime', description: OCCURRED_AT }),
    account: t.field({
      type: Account,
      description: 'The account as the event left it.',
      resolve: ({ row }) => row,
    }),
  }),
});

export const BalanceChangedPayload = builder.unionType('BalanceChangedPayload', {
  description: 'A balance, or the news that some may be missing.',
  types: [BalanceChanged, StreamGap],
  resolveType: ({ kind }) => (kind === 'gap' ? StreamGap : BalanceChanged),
});
