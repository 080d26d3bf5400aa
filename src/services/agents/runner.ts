import type { Bars } from '../market/bars.ts';
import type { QuoteBook } from '../market/quote-book.ts';
import type { Clock } from '../platform/clock.ts';
import type { Database } from '../platform/database.ts';
import type { Logger } from '../platform/logger.ts';
import { Decimal } from '../platform/money.ts';
import { TraderKind } from '../platform/prisma/enums.ts';
import { systemTimers, type Timers } from '../platform/timers.ts';
import { systemViewer } from '../platform/viewer.ts';
import type { Orders } from '../trading/orders.ts';
import type { AgentLog } from './agent-log.ts';
import { createBriefings } from './briefings.ts';
import { createOrderPlacement } from './order-placement.ts';
import { createRunPool } from './run-pool.ts';
import { createRuns, type RunnableModel, type Traders } from './runs.ts';

export interface RunnerLimits {
  /** How often it looks for models that were started, stopped or are due. */
  readonly pollMs: number;
  /** Runs at once, over all models. */
  readonly runsMax: number;
  /** Orders of one run. */
  readonly ordersMax: number;
  /** Largest share of its equity that a trader is told to put into one position. */
  readonly positionShareMax: Decimal;
  readonly decisionTimeoutMs: number;
  readonly decisionLifetimeMs: number;
  readonly quoteFreshnessMs: number;
  /**
   * A run that breaks (not its trader: the database, say) is tried so often, then waits its turn.
   */
  readonly attemptsMax: number;
}

const RUNNER_LIMITS: RunnerLimits = {
  pollMs: 1_000,
  runsMax: 4,
  ordersMax: 10,
  positionShareMax: new Decimal('0.25'),
  decisionTimeoutMs: 30_000,
  decisionLifetimeMs: 60_000,
  quoteFreshnessMs: 15_000,
  attemptsMax: 3,
};

export interface RunnerPorts {
  readonly workerDb: Database;
  readonly db: Database;
  readonly orders: Pick<Orders, 'place'>;
  readonly quotes: Pick<QuoteBook, 'latest' | 'recent'>;
  readonly bars: Pick<Bars, 'list'>;
  readonly agentLog: Pick<AgentLog, 'append' | 'ofRun'>;
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'warn' | 'error'>;
  readonly traders: Traders;
  readonly timers?: Timers;
  readonly limits?: Partial<RunnerLimits>;
}

/** Runs every active model each `intervalSeconds` of it, one run of a model at a time. */
export interface Runner {
  start(): void;
  /** No run begins any more; decisions that are still being made are dropped, orders finished. */
  stop(): Promise<void>;
  /** Looks for models that are due, as `start` does again and again, and waits for their runs. */
  runDue(): Promise<void>;
}

/** Models that may run: those of owners who are active themselves, and that have a trader. */
function findActiveModels(workerDb: Database, traders: Traders): Promise<RunnableModel[]> {
  return workerDb.snapshot(systemViewer(), (tx) =>
    tx.tradingModel.findMany({
      where: {
        status: 'ACTIVE',
        trader: { in: Object.values(TraderKind).filter((kind) => traders[kind]) },
        owner: { status: 'ACTIVE' },
      },
      select: {
        ...{ id: true, ownerId: true, universe: true, trader: true },
        ...{ intervalSeconds: true, createdAt: true, owner: { select: { role: true } } },
      },
    }),
  );
}

export function createRunner(ports: RunnerPorts): Runner {
  const { workerDb, logger, timers = systemTimers } = ports;
  const limits = { ...RUNNER_LIMITS, ...ports.limits };
  const runs = createRuns({
    ...{ ...ports, ...limits, timers },
    briefings: createBriefings({ ...ports, ...limits, limits }),
    placeOrder: createOrderPlacement({ ...ports, ...limits }),
  });
  const pool = createRunPool({ ...ports, ...limits, runs });
  let cancelTimer: (() => void) | undefined;
  let polling: Promise<void> | undefined;

  const lookAround = async (): Promise<void> => {
    try {
      pool.offer(await findActiveModels(workerDb, ports.traders));
    } catch (error) {
      logger.warn({ err: error }, 'The models that are due could not be read.');
    }
  };

  /** One look at a time: a slow database is not asked again before it has answered. */
  const poll = (): Promise<void> => {
    polling ??= lookAround().finally(() => {
      polling = undefined;
    });
    return polling;
  };

  return {
    start() {
      cancelTimer ??= timers.every(limits.pollMs, () => void poll());
      void poll();
    },
    async stop() {
      cancelTimer?.();
      pool.stop();
      await polling;
      await pool.finish();
    },
    async runDue() {
      await poll();
      await pool.finish();
    },
  };
}
