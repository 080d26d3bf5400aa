import type { EventKinds } from '../accounts/viewer-events.ts';
import type {
  Account,
  AgentLogEntry,
  Order,
  Position,
  Trade,
  TradingModel,
} from '../platform/prisma/client.ts';
import {
  BALANCE_CHANGED,
  parseBalanceChanged,
  parsePositionChanged,
  parseTradeExecuted,
  POSITION_CHANGED,
  TRADE_EXECUTED,
} from '../portfolio/events.ts';
import { ORDER_CHANGED, parseOrderChanged } from '../trading/events.ts';
import {
  KILL_SWITCH_CHANGED,
  parseRiskNews,
  RISK_LIMITS_CHANGED,
  type RiskNews,
} from '../trading/risk/risk-news.ts';
import { parseWebhookDisabled, WEBHOOK_DISABLED, type WebhookEnd } from '../webhooks/events.ts';
import { AGENT_LOGGED, MODEL_CHANGED, parseAgentLogged, parseModelChanged } from './events.ts';

/** What an event of one's own tells, with the type of the event. */
export type OwnNews =
  | { readonly of: 'trade'; readonly row: Trade }
  | { readonly of: 'balance'; readonly row: Account }
  | { readonly of: 'position'; readonly row: Position }
  | { readonly of: 'order'; readonly row: Order }
  | { readonly of: 'switch'; readonly row: Extract<RiskNews, { readonly kind: 'switch' }> }
  | { readonly of: 'limits'; readonly row: Extract<RiskNews, { readonly kind: 'limits' }> }
  | { readonly of: 'line'; readonly row: AgentLogEntry }
  | { readonly of: 'model'; readonly row: TradingModel }
  | { readonly of: 'webhook'; readonly row: WebhookEnd };

const ofRisk = (row: RiskNews): OwnNews =>
  row.kind === 'switch' ? { of: 'switch', row } : { of: 'limits', row };

/**
 * Every type of event that a person is told of their own things. What happens to their sessions and keys
 * is not among them: it ends streams, and is no news.
 */
export const OWN_NEWS: EventKinds<OwnNews> = {
  [TRADE_EXECUTED]: (payload) => ({ of: 'trade', row: parseTradeExecuted(payload) }),
  [BALANCE_CHANGED]: (payload) => ({ of: 'balance', row: parseBalanceChanged(payload) }),
  [POSITION_CHANGED]: (payload) => ({ of: 'position', row: parsePositionChanged(payload) }),
  [ORDER_CHANGED]: (payload) => ({ of: 'order', row: parseOrderChanged(payload) }),
  [KILL_SWITCH_CHANGED]: (payload, event) => ofRisk(parseRiskNews(payload, event)),
  [RISK_LIMITS_CHANGED]: (payload, event) => ofRisk(parseRiskNews(payload, event)),
  [AGENT_LOGGED]: (payload) => ({ of: 'line', row: parseAgentLogged(payload) }),
  [MODEL_CHANGED]: (payload) => ({ of: 'model', row: parseModelChanged(payload) }),
  [WEBHOOK_DISABLED]: (payload) => ({ of: 'webhook', row: parseWebhookDisabled(payload) }),
};
