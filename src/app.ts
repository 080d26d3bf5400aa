import { createFoundation, type Foundation, type FoundationOptions } from './app/foundation.ts';
import { createJobs } from './app/jobs.ts';
import { createMailing } from './app/mailing.ts';
import { createServices } from './app/services.ts';
import { createSimulatedMarket } from './app/simulated-market.ts';
import { createLifecycle } from './app/lifecycle.ts';
import { createTrading } from './app/trading.ts';
import { createWebhookWork } from './app/webhooks.ts';
import type { Services } from './schema/context.ts';
import { createAnchorFile } from './services/audit/anchor-file.ts';
import { createKeyring } from './services/audit/keyring.ts';
import { createSealer } from './services/audit/sealer.ts';
import { createApiKeyUses } from './services/accounts/api-key-uses.ts';
import { assertSecretsOpen } from './services/accounts/secret-check.ts';
import { createOwnEvents, type OwnEvents } from './services/accounts/own-events.ts';
import { createLogIndexer } from './services/agents/log-indexer.ts';
import { createMomentumTrader } from './services/agents/momentum-trader.ts';
import { createRunner } from './services/agents/runner.ts';
import { createBars } from './services/market/bars.ts';
import { createQuoteBook } from './services/market/quote-book.ts';
import { createQuoteRelay } from './services/market/quote-relay.ts';
import type { Config } from './services/platform/config/config.ts';
import { createPublicChanges, type PublicChanges } from './services/platform/public-changes.ts';
import { createStreams, type Streams } from './services/platform/event-log/streams.ts';
import { createLastPrices } from './services/market/last-prices.ts';
import { createEquityRecorder } from './services/portfolio/equity-recorder.ts';

/** The whole program, wired: what the graph calls, and what runs by itself between start and stop. */
export interface App extends Pick<Foundation, 'db' | 'bus' | 'clock' | 'ids' | 'timers'> {
  readonly config: Config;
  readonly log: Foundation['logger'];
  readonly services: Services;
  readonly streams: Streams;
  readonly ownEvents: OwnEvents;
  readonly publicChanges: PublicChanges;
  /** Starts what this process does by itself: in one with all parts, everything. */
  start(): Promise<void>;
  /** Stops them in the reverse order; what is in flight is finished. Safe to call twice. */
  stop(): Promise<void>;
}

/** Makes the program out of its config. Connects lazily: a wrong URL shows at {@link App.start}. */
export async function createApp(options: FoundationOptions): Promise<App> {
  const { config } = options;
  const foundation = await createFoundation(options);
  const { db, bus, relay, clock, ids, logger, timers } = foundation;
  const { quoteFreshnessMs } = config.market;
  const onListenerError = (err: unknown): void => {
    logger.error({ err }, 'A listener of quotes failed.');
  };

  const quotes = createQuoteBook({ onListenerError });
  const bars = createBars({ db, clock });
  const isApi = options.parts === 'api';
  const isAlone = config.redisUrl === undefined;
  const trading = createTrading(foundation, { config, quotes, isApi });
  const equityRecorder = createEquityRecorder({
    ...foundation,
    lastPrices: createLastPrices({ db: foundation.workerDb, quotes, clock }),
    intervalMs: config.portfolio.equityIntervalMs,
  });
  const streams = createStreams({
    ...{ db, bus, clock, log: logger, timers },
    limits: {
      queueEvents: config.limits.streamQueueEvents,
      queueBytes: config.limits.streamQueueBytes,
    },
  });
  const ownEvents = createOwnEvents({ db, streams });
  const publicChanges = createPublicChanges({
    ...{ clock, timers, log: logger, url: config.database.urls.server },
  });
  const apiKeyUses = createApiKeyUses(foundation);
  const { sender, email } = createMailing(foundation, config);
  const parts = { config, quotes, bars, streams, ownEvents, apiKeyUses, email, ...trading };
  const services = createServices({ ...foundation, ...parts });
  const market = createSimulatedMarket({ ...foundation, ...parts });
  const runner = createRunner({
    ...{ ...foundation, ...parts, agentLog: services.agentLog },
    traders: { MOMENTUM: createMomentumTrader({ entriesMax: 2, positionsMax: 6 }) },
    limits: { quoteFreshnessMs },
  });
  const quoteRelay = createQuoteRelay({ ...foundation, quotes, isAlone });
  const sealer = createSealer({
    ...{ ...foundation, log: logger, intervalMs: config.audit.sealIntervalMs },
    keyring: createKeyring(config.audit.keys),
    anchors: createAnchorFile(config.audit.anchorFile),
  });
  const behindApi = [
    ...[relay, sealer, market, ...trading.parts, equityRecorder, runner],
    ...[createLogIndexer(foundation), sender, createWebhookWork(foundation, config)],
    createJobs(foundation, config),
  ];
  // What others tell is heard before anything begins, and what is still told at the end is sent.
  const lifecycle = createLifecycle([
    ...[quoteRelay, trading.courier, ...(isApi ? [] : behindApi)],
    ...[apiKeyUses, trading.disconnectSwitches],
  ]);

  return {
    ...{ config, services, streams, ownEvents, publicChanges, db, bus, clock, ids, timers },
    log: logger,
    async start() {
      await assertSecretsOpen(foundation);
      await lifecycle.start();
    },
    async stop() {
      await streams.close();
      await publicChanges.close();
      await lifecycle.stop();
      await foundation.close();
    },
  };
}
