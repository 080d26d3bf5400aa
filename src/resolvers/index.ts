import type { GraphQLSchema } from 'graphql';
import { builder } from '../schema/builder.ts';
import '../schema/accounts/administration-errors.ts';
import '../schema/accounts/errors.ts';
import '../schema/accounts/second-factor-errors.ts';
import '../schema/agents/errors.ts';
import '../schema/portfolio/errors.ts';
import '../schema/trading/errors.ts';
import '../schema/trading/broker-errors.ts';
import '../schema/trading/risk-errors.ts';
import '../schema/trading/group-errors.ts';
import '../schema/trading/hours-errors.ts';
import '../schema/trading/order-group.ts';
import './accounts/administration.ts';
import './accounts/api-keys.ts';
import './accounts/approved-emails.ts';
import './accounts/credentials.ts';
import './accounts/email-mutations.ts';
import './accounts/password-mutations.ts';
import './accounts/people-mutations.ts';
import './accounts/profile-mutation.ts';
import './accounts/passkey-mutations.ts';
import './accounts/second-factor-mutations.ts';
import './accounts/second-factors.ts';
import './accounts/session-mutations.ts';
import './accounts/user-mutations.ts';
import './accounts/viewer.ts';
import './administration/audit-log.ts';
import './administration/mails.ts';
import './administration/everyones-things.ts';
import './administration/settings.ts';
import './administration/statistics.ts';
import './agents/agent-log-query.ts';
import './agents/agent-log-subscription.ts';
import './agents/model-fields.ts';
import './agents/model-mutations.ts';
import './agents/model-queries.ts';
import './agents/viewer-events.ts';
import './market/hours-fields.ts';
import './market/market-queries.ts';
import './market/news.ts';
import './market/quote-subscription.ts';
import './performance/equity-curve.ts';
import './performance/leaderboard.ts';
import './platform/health.ts';
import './platform/rate-limit.ts';
import './portfolio/account-fields.ts';
import './portfolio/account-figures.ts';
import './portfolio/account-lists.ts';
import './portfolio/account-mutations.ts';
import './portfolio/account-subscriptions.ts';
import './portfolio/cash-mutations.ts';
import './portfolio/corporate-actions.ts';
import './portfolio/ledger-fields.ts';
import './portfolio/live-account.ts';
import './portfolio/position-fields.ts';
import './portfolio/positions-query.ts';
import './portfolio/record-trade.ts';
import './portfolio/statements.ts';
import './portfolio/trade-fields.ts';
import './portfolio/trades-query.ts';
import './trading/cancel-all-orders.ts';
import './trading/broker-connection-changes.ts';
import './trading/broker-fields.ts';
import './trading/broker-mutations.ts';
import './trading/cancel-on-disconnect.ts';
import './trading/close-positions.ts';
import './trading/order-fields.ts';
import './trading/order-mutations.ts';
import './trading/order-queries.ts';
import './trading/order-subscription.ts';
import './trading/order-timeline.ts';
import './trading/place-orders.ts';
import './trading/preview-order.ts';
import './trading/replace-order.ts';
import './trading/risk-fields.ts';
import './trading/risk-mutations.ts';
import './trading/risk-subscriptions.ts';
import './webhooks/webhook-changes.ts';
import './webhooks/webhooks.ts';

builder.queryType({ description: 'What may be read.' });
builder.mutationType({
  description:
    'What may be done. Each answers with what it did or with a named error, which is data.',
});
builder.subscriptionType({
  description:
    'What may be followed live, over WebSocket (graphql-transport-ws) or server-sent events.',
});

export interface SchemaOptions {
  /** For a test of the walls behind: builds the schema as if everyone might read everything. */
  readonly disableScopeAuth?: boolean;
}

/** The whole graph. Needs neither a database nor settings. */
export function buildSchema({ disableScopeAuth = false }: SchemaOptions = {}): GraphQLSchema {
  return builder.toSchema({ disableScopeAuth, sortSchema: true });
}
