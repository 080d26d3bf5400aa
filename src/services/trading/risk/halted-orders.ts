import type { Clock } from '../../platform/clock.ts';
import type { Database, Tx } from '../../platform/database.ts';
import type { Logger } from '../../platform/logger.ts';
import { Prisma, type Account, type Order } from '../../platform/prisma/client.ts';
import { systemTimers, type Timers } from '../../platform/timers.ts';
import { systemViewer } from '../../platform/viewer.ts';
import { lockAccount } from '../../portfolio/locks.ts';
import { isCancelable } from '../cancellation.ts';
import { WORKING } from '../engine/order-state.ts';
import { cancelTogether } from '../mass-cancellation.ts';
import { endOrder } from '../order-ending.ts';
import { lockWorkingOrders } from '../order-rows.ts';
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
 * Cancels what works under a kill switch that is on. It looks each second, and so goes on where a process
 * that died has left off, and finds the order whose transaction was under way when the switch was thrown.
 */
export interface HaltedOrders {
  start(): void;
  /** Looks now, or once more after the look in progress. */
  look(): void;
  /** One look at all accounts; answers with how many orders it canceled. */
  cancelAll(): Promise<number>;
  /** Resolves when what is being canceled is canceled. */
  stop(): Promise<void>;
}

const LOOK_MS = 1_000;
const ACCOUNTS_MAX = 1_000;
const FIRST = '00000000-0000-0000-0000-000000000000';
const REASON = { code: 'TRADING_HALTED', message: 'Trading was halted.' };
/** Spelled out, so that PostgreSQL knows the partial index `orders_working` by it. */
const WORKING_LIST = Prisma.raw(WORKING.map((status) => `'${status}'`).join(', '));

export function createHaltedOrders(ports: HaltedOrdersPorts): HaltedOrders {
  const { workerDb, clock, logger, timers = systemTimers, onCanceled } = ports;
  let stopLooking: (() => void) | undefined;

  /** Batch by batch, each in a transaction under the account's lock, until nothing is left. */
  const cancelOf = async (accountId: string): Promise<number> => {
    let count = 0;
    for (;;) {
      const canceled = await workerDb.withViewer(systemViewer(), async (tx) => {
        const account = await lockAccount(tx, accountId);
        if (!account) return [];
        const working = await lockWorkingOrders(tx, accountId, Prisma.sql`true`);
        const orders = working.filter(({ status }) => isCancelable(status));
        return cancelBatch(tx, { account, orders, now: clock.now() });
      });
      for (const order of canceled) onCanceled?.(order);
      if (canceled.length === 0) return count;
      count += canceled.length;
    }
  };

  const accountsAfter = (after: string): Promise<string[]> =>
    workerDb.withViewer(systemViewer(), async (tx) => {
      // Nearly always none is on, and the orders need not be looked at.
      const anyIsOn = await tx.killSwitch.findFirst({ where: { isOn: true } });
      if (!anyIsOn) return [];
      const rows = await tx.$queryRaw<{ id: string }[]>`
        SELECT DISTINCT o.account_id AS id FROM orders o
        WHERE o.status IN (${WORKING_LIST}) AND o.account_id > ${after}::uuid AND EXISTS (
          SELECT 1 FROM kill_switches k WHERE k.is_on AND (k.owner_id IS NULL OR
            k.owner_id = o.owner_id AND (k.account_id IS NULL OR k.account_id = o.account_id)))
        ORDER BY 1 LIMIT ${ACCOUNTS_MAX}`;
      return rows.map(({ id }) => id);
    });

  const cancelAll = async (): Promise<number> => {
    let [count, after] = [0, FIRST];
    for (;;) {
      const accounts = await accountsAfter(after);
      for (const id of accounts) count += await cancelOf(id);
      const last = accounts.at(-1);
      if (last === undefined) return count;
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

interface Batch {
  readonly account: Account;
  readonly orders: readonly Order[];
  readonly now: Date;
}

/** At once where we are the venue; one by one where a broker is asked, and ends them when it has answered. */
async function cancelBatch(tx: Tx, { account, orders, now }: Batch): Promise<readonly Order[]> {
  if (account.kind === 'PAPER') return cancelTogether(tx, { account, orders, now, reason: REASON });
  const asked: Order[] = [];
  for (const order of orders) asked.push(await endOrder(tx, { order, now, reason: REASON }));
  return asked;
}
