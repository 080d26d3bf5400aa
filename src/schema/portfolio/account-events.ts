import type { OwnEvent } from '../../services/accounts/own-events.ts';
import type {
  Account as AccountRow,
  Position as PositionRow,
  Trade as TradeRow,
} from '../../services/platform/prisma/client.ts';
import { builder } from '../builder.ts';
import { CURSOR, OCCURRED_AT } from '../platform/event-words.ts';
import { StreamGap } from '../platform/stream.ts';
import { Account } from './account.ts';
import { Position } from './position.ts';
import { Trade } from './trade.ts';

export const TradeExecuted = builder.objectRef<OwnEvent<TradeRow>>('TradeExecuted').implement({
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

export const BalanceChanged = builder.objectRef<OwnEvent<AccountRow>>('BalanceChanged').implement({
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

export const PositionChanged = builder
  .objectRef<OwnEvent<PositionRow>>('PositionChanged')
  .implement({
    description: 'A position is not as it was: a trade, a split, or a reset changed it.',
    fields: (t) => ({
      cursor: t.expose('cursor', { type: 'Cursor', description: CURSOR }),
      occurredAt: t.expose('occurredAt', { type: 'DateTime', description: OCCURRED_AT }),
      position: t.field({
        type: Position,
        description: 'The position as the event left it.',
        resolve: ({ row }) => row,
      }),
    }),
  });

export const PositionChangedPayload = builder.unionType('PositionChangedPayload', {
  description: 'A position, or the news that some may be missing.',
  types: [PositionChanged, StreamGap],
  resolveType: ({ kind }) => (kind === 'gap' ? StreamGap : PositionChanged),
});
