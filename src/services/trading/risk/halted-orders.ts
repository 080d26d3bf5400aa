import type { Clock } from '../../platform/clock.ts';
import type { Database } from '../../platform/database.ts';
import { createLimiter } from '../../platform/limiter.ts';
import type { Logger } from '../../platform/logger.ts';
import type { Pipeline } from '../../platform/pipeline.ts';
import { Prisma, type Order } from '../../platform/prisma/client.ts';
import { systemTimers, type Timers } from '../../platform/timers.ts';
import { systemViewer } from '../../platform/viewer.ts';
import { accountLock, lockPatience } from '../../portfolio/locks.ts';
import { CANCELABLE } from '../engine/order-state.ts';
import { massCancellation } from '../mass-cancellation.ts';
import { AT_ONCE_MAX, cancelableOrdersLock } from '../order-rows.ts';
import { createSerialWork } from '../serial-work.ts';

export interface HaltedOrdersPorts {
  /** The worker's: a switch may hold for everybody. */
  readonly workerDb: Database;
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'error'>;
  readonly timers?: Timers;
  /** Hears of each canceled order after the commit: the engine's `drop`. */
  readonly onCanceled?: (order: Order) => void;
}

/**
 * Cancels what works under a kill switch that is on. It looks each second, and so goes on where a
 * process that died has left off, and finds the order whose transaction was under way when the
 * switch was thrown.
 */
export interface HaltedOrders {
  start(): void;
  /** Looks now, or once more after the look in progress. */
  look(): void;
  /**
   * One look at all accounts, several at once; answers with how many orders it canceled. An account
   * whose orders cannot be canceled, or that is locked, is logged and holds up no other: the next
   * look tries again.
   */
  cancelAll(): Promise<number>;
  /** Resolves when what is being canceled is canceled. */
  stop(): Promise<void>;
}

const LOOK_MS = 1_000;
const ACCOUNTS_MAX = 1_000;
/** Few, since whoever places orders needs connections as well. */
const RUNNING_MAX = 4;
/**
 * A trade holds an account for some milliseconds; who holds it for longer is waited for by the next
 * look.
 */
const PATIENCE_MS = 500;
const FIRST = '00000000-0000-0000-0000-000000000000';
const REASON = { code: 'TRADING_HALTED', message: 'Trading was halted.' };
/** Spelled out, so that PostgreSQL knows the partial indexes of what works by it. */
const CANCELABLE_LIST = Prisma.raw(CANCELABLE.map((status) => `'${status}'`).join(', '));
const haltOf = (ownerId: string, accountId: string): string => `SELECT 1 FROM kill_switches k
  WHERE k.is_on AND (k.owner_id IS NULL OR
    k.owner_id = ${ownerId} AND (k.account_id IS NULL OR k.account_id = ${accountId}))`;
const HALT_OF_ORDER = Prisma.raw(haltOf('o.owner_id', 'o.account_id'));
const IS_HALTED = `SELECT FROM accounts a
  WHERE a.id = $1::uuid AND EXISTS (${haltOf('a.owner_id', 'a.id')})`;

export function createHaltedOrders(ports: HaltedOrdersPorts): HaltedOrders {
  const { workerDb, clock, logger, timers = systemTimers, onCanceled } = ports;
  const limiter = createLimiter({ runningMax: RUNNING_MAX, waitingMax: ACCOUNTS_MAX });
  let stopLooking: (() => void) | undefined;

  /** Batch by batch, each in a transaction under the account's lock, until nothing is left. */
  const cancelOf = async (accountId: string): Promise<number> => {
    let count = 0;
    for (;;) {
      const canceled = await workerDb.pipeline(systemViewer(), (pipeline) =>
        cancelBatch(pipeline, accountId, clock.now()),
      );
      for (const order of canceled) onCanceled?.(order);
      count += canceled.length;
      if (canceled.length < AT_ONCE_MAX) return count;
    }
  };

  const cancelApart = (accountId: string): Promise<number> =>
    limiter.run(async () => {
      try {
        return await cancelOf(accountId);
      } catch (err) {
        logger.error({ err, accountId }, 'The orders of a halted account are not canceled yet.');
        return 0;
      }
    });

  const cancelAll = async (): Promise<number> => {
    let [count, after] = [0, FIRST];
    for (;;) {
      const accounts = await haltedAccounts(workerDb, after);
      const counts = await Promise.all(accounts.map(cancelApart));
      count += counts.reduce((sum, each) => sum + each, 0);
      const last = accounts.at(-1);
      if (last === undefined || accounts.length < ACCOUNTS_MAX) return count;
      after = last;
    }
  };

  const serial = createSerialWork(async () => {
    try {
      await cancelAll();
    } catch (err) {
      logger.error({ err }, 'Orders under a kill switch could not be canceled.');
    }
  });

  return {
    cancelAll,
    look() {
      serial.ask();
    },
    start() {
      if (stopLooking) throw new Error('It looks already.');
      stopLooking = timers.every(LOOK_MS, () => {
        serial.ask();
      });
      serial.ask();
    },
    async stop() {
      stopLooking?.();
      stopLooking = undefined;
      await serial.rest();
    },
  };
}

/** Accounts with something to cancel, the next ones by their ids. */
function haltedAccounts(workerDb: Database, after: string): Promise<string[]> {
  return workerDb.withViewer(systemViewer(), async (tx) => {
    // Nearly always none is on, and the orders need not be looked at.
    const anyIsOn = await tx.killSwitch.findFirst({ where: { isOn: true } });
    if (!anyIsOn) return [];
    const rows = await tx.$queryRaw<{ id: string }[]>`
      SELECT DISTINCT o.account_id AS id FROM orders o
      WHERE o.status IN (${CANCELABLE_LIST}) AND o.account_id > ${after}::uuid
        AND EXISTS (${HALT_OF_ORDER})
      ORDER BY 1 LIMIT ${ACCOUNTS_MAX}`;
    return rows.map(({ id }) => id);
  });
}

/**
 * At once where we are the venue; where a broker has them it is asked, and ends them when it
 * answers.
 */
async function cancelBatch(
  pipeline: Pipeline,
  accountId: string,
  now: Date,
): Promise<readonly Order[]> {
  const [, [account], halts, orders] = await pipeline.ask(
    lockPatience(PATIENCE_MS),
    accountLock(accountId),
    // What was placed after the switch was turned off again stays.
    { text: IS_HALTED, values: [accountId] },
    cancelableOrdersLock({ accountId }),
  );
  if (!account || halts.length === 0 || orders.length === 0) return [];
  const cancellation = massCancellation({ account, orders, now, reason: REASON });
  await pipeline.ask(...cancellation.queries);
  pipeline.store({ queries: [], events: cancellation.events });
  return cancellation.orders;
}
