import type { OwnEvent } from '../../services/accounts/own-events.ts';
import type { ViewerEventsPage as Page } from '../../services/accounts/viewer-events.ts';
import type { OwnNews } from '../../services/agents/own-news.ts';
import type { Gap } from '../../services/platform/event-log/log-reader.ts';
import type { TradingModel } from '../../services/platform/prisma/client.ts';
import { builder } from '../builder.ts';
import { CURSOR, OCCURRED_AT } from '../platform/event-words.ts';
import { StreamGap } from '../platform/stream.ts';
import { BalanceChanged, PositionChanged, TradeExecuted } from '../portfolio/account-events.ts';
import { OrderChanged } from '../trading/order-events.ts';
import { KillSwitchChanged, RiskLimitsChanged } from '../trading/risk-events.ts';
import { WebhookDisabled } from '../webhooks/webhook-events.ts';
import { AgentLogged } from './agent-log-events.ts';
import { Model } from './model.ts';

const ModelChanged = builder.objectRef<OwnEvent<TradingModel>>('ModelChanged').implement({
  description: 'A model was made, or is not as it was.',
  fields: (t) => ({
    cursor: t.expose('cursor', { type: 'Cursor', description: CURSOR }),
    occurredAt: t.expose('occurredAt', { type: 'DateTime', description: OCCURRED_AT }),
    model: t.field({
      type: Model,
      description: 'The model as the event left it.',
      resolve: ({ row }) => row,
    }),
  }),
});

const TYPES = {
  trade: TradeExecuted,
  balance: BalanceChanged,
  position: PositionChanged,
  order: OrderChanged,
  switch: KillSwitchChanged,
  limits: RiskLimitsChanged,
  line: AgentLogged,
  model: ModelChanged,
  webhook: WebhookDisabled,
} as const satisfies Record<OwnNews['of'], unknown>;

type Told<News = OwnNews> = News extends OwnNews
  ? OwnEvent<News['row']> & { readonly of: News['of'] }
  : never;

/** The same item, as one of the types that the union knows. */
export function ownItemOf(item: OwnEvent<OwnNews> | Gap): Told | Gap {
  if (item.kind === 'gap') return item;
  const { row: news, ...event } = item;
  return { ...event, ...news };
}

export const ViewerEventPayload = builder.unionType('ViewerEventPayload', {
  description: 'Something that happened to what is yours, or the news that some may be missing.',
  types: [...Object.values(TYPES), StreamGap],
  resolveType: (item) => ('of' in item ? TYPES[item.of as OwnNews['of']] : StreamGap),
});

export const ViewerEventsPage = builder.objectRef<Page<OwnNews>>('ViewerEventsPage').implement({
  description: 'Some of what happened to what is yours.',
  fields: (t) => ({
    events: t.field({
      type: [ViewerEventPayload],
      description: 'In order, the oldest first; before them a gap, if events are missing there.',
      resolve: ({ items }) => items.map(ownItemOf),
    }),
    cursor: t.expose('cursor', {
      type: 'Cursor',
      description:
        'Give it as `after`, here or to `viewerEvents`, to go on: nothing of yours lies between.',
    }),
    hasMore: t.exposeBoolean('hasMore', { description: 'Whether there is more behind `cursor`.' }),
  }),
});
