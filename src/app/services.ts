import packageJson from '../../package.json' with { type: 'json' };
import type { Services } from '../schema/context.ts';
import type { ApiKeyUses } from '../services/accounts/api-key-uses.ts';
import { createViewerEvents } from '../services/accounts/viewer-events.ts';
import type { OwnEvents } from '../services/accounts/own-events.ts';
import { createAuditLog } from '../services/administration/audit-log.ts';
import { createMailAdministration } from '../services/administration/mail-administration.ts';
import { createStatistics } from '../services/administration/statistics.ts';
import { createAgentLogEvents } from '../services/agents/agent-log-events.ts';
import { createAgentLog } from '../services/agents/agent-log.ts';
import { createModels } from '../services/agents/models.ts';
import { OWN_NEWS } from '../services/agents/own-news.ts';
import type { Bars } from '../services/market/bars.ts';
import { createInstruments } from '../services/market/instruments.ts';
import { createKnownInstruments } from '../services/market/known-instruments.ts';
import { createLastPrices } from '../services/market/last-prices.ts';
import { createLiveQuotes } from '../services/market/live-quotes.ts';
import { createMarketHours } from '../services/market/market-hours.ts';
import { createNews } from '../services/market/news.ts';
import type { QuoteBook } from '../services/market/quote-book.ts';
import { createEquityCurves } from '../services/performance/equity-curve.ts';
import { createLeaderboard } from '../services/performance/leaderboard.ts';
import type { Config } from '../services/platform/config/config.ts';
import type { Streams } from '../services/platform/event-log/streams.ts';
import { createHealth, type EmailState } from '../services/platform/health.ts';
import type { Order } from '../services/platform/prisma/client.ts';
import { createAccountDirectory } from '../services/portfolio/account-directory.ts';
import { createAccountEvents } from '../services/portfolio/account-events.ts';
import { createLiveAccounts } from '../services/portfolio/live-accounts.ts';
import { createPositionsAsOf } from '../services/portfolio/positions-as-of.ts';
import { createValuation } from '../services/portfolio/valuation.ts';
import type { DisconnectSwitches } from '../services/trading/disconnect-switches.ts';
import { createOrderBatches } from '../services/trading/order-batches.ts';
import { createOrderEvents } from '../services/trading/order-events.ts';
import { createOrderPreviews } from '../services/trading/order-preview.ts';
import type { BrokerConnections } from '../services/trading/brokers/broker-connections.ts';
import type { Orders, OrdersPorts } from '../services/trading/orders.ts';
import { createKillSwitches } from '../services/trading/risk/kill-switches.ts';
import { createRiskEvents } from '../services/trading/risk/risk-events.ts';
import { createRiskLimitSettings } from '../services/trading/risk/risk-limits.ts';
import type { Foundation } from './foundation.ts';
import { createPeople } from './people.ts';
import { createPortfolio } from './portfolio.ts';
import { createSecrets } from './secrets.ts';
import { createWebhookSettings } from './webhooks.ts';

export interface ServicesPorts extends Foundation {
  readonly config: Config;
  readonly quotes: QuoteBook;
  readonly bars: Bars;
  readonly orders: Orders;
  readonly disconnectSwitches: DisconnectSwitches;
  readonly streams: Streams;
  readonly ownEvents: OwnEvents;
  readonly apiKeyUses: ApiKeyUses;
  readonly email: () => EmailState;
  readonly brokerConnections: BrokerConnections;
  /** What is traded at a broker is judged by the price there. */
  readonly beforePlacing: NonNullable<OrdersPorts['beforePlacing']>;
  /** Hears of each canceled order after the commit. */
  readonly onCanceled: (order: Order) => void;
  /** Hears of each kill switch that was turned on. */
  readonly onHalted: () => void;
}

/** What the graph calls. */
export function createServices(ports: ServicesPorts): Services {
  const { db, clock, ids, audit, portfolios, config } = ports;
  const { quotes, bars, orders, streams, ownEvents } = ports;
  const { quoteFreshnessMs } = config.market;
  const models = createModels({ db, portfolios, audit, clock, ids });
  const lastPrices = createLastPrices({ db, quotes, clock });
  const valuation = createValuation({ lastPrices, clock, quoteFreshnessMs });
  const portfolio = createPortfolio({ ...ports, valuation, lastPrices });
  const days: typeof portfolio.accountFigures.days = (viewer, accounts) =>
    portfolio.accountFigures.days(viewer, accounts);
  return {
    ...createPeople(ports),
    ...createSecrets(ports),
    ...portfolio,
    accountDirectory: createAccountDirectory({ db }),
    accountEvents: createAccountEvents({ db, ownEvents, portfolios, clock }),
    agentLog: createAgentLog({ db, ids }),
    agentLogEvents: createAgentLogEvents({ db, ownEvents, models }),
    auditLog: createAuditLog({ db }),
    mailAdministration: createMailAdministration({ db, clock, audit }),
    bars,
    brokerConnections: ports.brokerConnections,
    equityCurves: createEquityCurves({ db, clock }),
    killSwitches: createKillSwitches(ports),
    health: createHealth({ ...ports, version: packageJson.version }),
    instruments: createInstruments({ db }),
    knownInstruments: createKnownInstruments({ clock }),
    leaderboard: createLeaderboard({ db, clock }),
    liveAccounts: createLiveAccounts({ ...ports, lastPrices, days, quoteFreshnessMs }),
    liveQuotes: createLiveQuotes({ streams, quotes }),
    marketHours: createMarketHours({ clock }),
    models,
    news: createNews({ db, clock }),
    disconnectSwitches: ports.disconnectSwitches,
    orderBatches: createOrderBatches({ orders }),
    orderEvents: createOrderEvents({ ownEvents, portfolios, orders }),
    orderPreviews: createOrderPreviews({
      ...{ ...ports, quoteFreshnessMs, isLiveTrading: config.trading.isLiveTrading },
    }),
    orders,
    portfolios,
    positionsAsOf: createPositionsAsOf({ db, clock }),
    quotes,
    riskEvents: createRiskEvents(ports),
    riskLimitSettings: createRiskLimitSettings(ports),
    statistics: createStatistics({ db, clock }),
    valuation,
    viewerEvents: createViewerEvents({ db, streams, ownEvents, kinds: OWN_NEWS }),
    webhooks: createWebhookSettings(ports, config),
  };
}
