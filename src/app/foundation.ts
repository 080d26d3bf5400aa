import { createVault, type Vault } from '../services/accounts/vault.ts';
import { createAudit, type Audit } from '../services/audit/audit.ts';
import { systemClock, type Clock } from '../services/platform/clock.ts';
import type { Config } from '../services/platform/config/config.ts';
import { createDatabase, type Database } from '../services/platform/database.ts';
import type { EventBus } from '../services/platform/event-bus/event-bus.ts';
import { createInProcessBus } from '../services/platform/event-bus/in-process.ts';
import { createRelaySignal } from '../services/platform/event-log/relay-signal.ts';
import { createRelay, type Relay } from '../services/platform/event-log/relay.ts';
import { createIds, type Ids } from '../services/platform/ids.ts';
import { createLogger, type Logger } from '../services/platform/logger.ts';
import { randomBytes } from '../services/platform/random.ts';
import { createRateLimits, type RateLimits } from '../services/platform/rate-limits.ts';
import { createSealing, type Sealing } from '../services/platform/sealing.ts';
import { systemTimers, type Timers } from '../services/platform/timers.ts';
import { createMails, type Mails } from '../services/notifications/mails.ts';
import { createBooking, type Booking } from '../services/portfolio/booking.ts';
import { createLedger, type Ledger } from '../services/portfolio/ledger.ts';
import { createPortfolios, type Portfolios } from '../services/portfolio/portfolios.ts';

export interface FoundationOptions {
  readonly config: Config;
  /** Whether the relay of this process will run; a command leaves it to the server's, and signals. */
  readonly isServing?: boolean;
  /** `api`: what runs by itself is left to workers; everything, when left out. */
  readonly parts?: 'all' | 'api';
  readonly clock?: Clock;
  readonly timers?: Timers;
  readonly logger?: Logger;
  /** How the database is asked; a bench that measures the walls gives one without. */
  readonly openDatabase?: typeof createDatabase;
}

/** What the server, and every command of an operator, stands on. */
export interface Foundation {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly ids: Ids;
  readonly logger: Logger;
  /** The server's role, under row-level security. */
  readonly db: Database;
  /** The worker's role, which sees every row. */
  readonly workerDb: Database;
  readonly bus: EventBus;
  readonly relay: Relay;
  readonly rateLimits: RateLimits;
  readonly audit: Audit;
  readonly mails: Mails;
  readonly sealing: Sealing;
  /** Opens secrets, for those who call services of others in somebody's name. */
  readonly vault: Vault;
  readonly ledger: Ledger;
  readonly booking: Booking;
  readonly portfolios: Portfolios;
  close(): Promise<void>;
}

/** Below the time of a lease, so that who takes an instrument over finds its locks free. */
const WORKER_IDLE_MS = 3_000;

export async function createFoundation(options: FoundationOptions): Promise<Foundation> {
  const { config, clock = systemClock, timers = systemTimers } = options;
  const { openDatabase = createDatabase } = options;
  const logger = options.logger ?? createLogger(config.log.level);
  const { urls, poolSize, connectTimeoutMs, statementTimeoutMs, transactionTimeoutMs } =
    config.database;
  const ids = createIds(clock, randomBytes);
  const bus = await createBus(config, { logger, timers });
  const relay = createRelay({ url: urls.worker, bus, clock, log: logger, timers });
  const signal =
    options.isServing === false || options.parts === 'api'
      ? createRelaySignal({ url: urls.worker, log: logger, timers })
      : undefined;
  const pool = {
    poolSize,
    acquireTimeoutMs: connectTimeoutMs,
    statementTimeoutMs,
    transactionTimeoutMs,
    onEvents: () => {
      (signal ?? relay).wake();
    },
  };
  const db = openDatabase({ ...pool, url: urls.server });
  // A process that is stopped in the middle of a fill must not hold others up until it is gone on.
  const idleInTransactionMs = options.isServing === false ? transactionTimeoutMs : WORKER_IDLE_MS;
  const workerDb = createDatabase({ ...pool, idleInTransactionMs, url: urls.worker });
  const sealing = createSealing(config.vault.keys, randomBytes);
  const ledger = createLedger({ clock, ids });
  const rateLimits = await createLimits(config, logger);
  return {
    ...{ clock, timers, ids, logger, db, workerDb, bus, relay, rateLimits, ledger },
    audit: createAudit({ clock, ids }),
    mails: createMails({ clock, ids, rateLimits }),
    sealing,
    vault: createVault({ workerDb, sealing, clock }),
    booking: createBooking({ ledger, clock, ids }),
    portfolios: createPortfolios({ db, ledger, ids }),
    async close() {
      await db.close();
      await workerDb.close();
      await signal?.close();
      await bus.close();
      await rateLimits.close();
    },
  };
}

/** The process's own memory, or Redis past one process. */
async function createBus(
  { redisUrl }: Config,
  { logger, timers }: { logger: Logger; timers: Timers },
): Promise<EventBus> {
  if (redisUrl === undefined) return createInProcessBus({ log: logger });
  const { createRedisBus } = await import('../services/platform/event-bus/redis.ts');
  return createRedisBus({ url: redisUrl, log: logger, timers });
}

/** Counted in this process, or in Redis past one process. */
async function createLimits({ redisUrl }: Config, logger: Logger): Promise<RateLimits> {
  if (redisUrl === undefined) return createRateLimits();
  const { createRedisRateLimits } = await import('../services/platform/rate-limits-redis.ts');
  return createRedisRateLimits(redisUrl, logger);
}
