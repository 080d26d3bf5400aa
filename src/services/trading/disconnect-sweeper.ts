import type { Clock } from '../platform/clock.ts';
import type { Database, Tx } from '../platform/database.ts';
import type { Logger } from '../platform/logger.ts';
import { Prisma, type Order } from '../platform/prisma/client.ts';
import { systemTimers, type Timers } from '../platform/timers.ts';
import { systemViewer } from '../platform/viewer.ts';
import { lockAccount } from '../portfolio/locks.ts';
import { isCancelable } from './cancellation.ts';
import { cancelTogether } from './mass-cancellation.ts';
import { lockWorkingOrders } from './order-rows.ts';
import { createSerialWork } from './serial-work.ts';

export interface DisconnectSweeperPorts {
  /** The worker's: the switches of everybody. */
  readonly workerDb: Database;
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'error'>;
  readonly timers?: Timers;
  /** Hears of each canceled order after the commit: the engine's `drop`. */
  readonly onCanceled?: (order: Order) => void;
}

/** Fires the switches of sockets that ended and did not come back, in any number of processes. */
export interface DisconnectSweeper {
  start(): void;
  /** One sweep; answers with how many orders it canceled. */
  sweep(): Promise<number>;
  /** Resolves when what is being canceled is canceled. */
  stop(): Promise<void>;
}

/** With the time of a renewal less than a second after the grace. */
const SWEEP_MS = 400;
const REASON = {
  code: 'CANCEL_ON_DISCONNECT',
  message: 'The connection that watched over it was lost.',
};

export function createDisconnectSweeper(ports: DisconnectSweeperPorts): DisconnectSweeper {
  const { workerDb, clock, logger, timers = systemTimers, onCanceled } = ports;
  let stopSweeping: (() => void) | undefined;

  const sweep = async (): Promise<number> => {
    let count = 0;
    for (;;) {
      const canceled = await workerDb.withViewer(systemViewer(), (tx) => fireOne(tx, clock));
      if (!canceled) return count;
      for (const order of canceled) onCanceled?.(order);
      count += canceled.length;
    }
  };

  const serial = createSerialWork(async () => {
    try {
      await sweep();
    } catch (err) {
      logger.error({ err }, 'Orders of a lost connection could not be canceled.');
    }
  });

  return {
    sweep,
    start() {
      stopSweeping ??= timers.every(SWEEP_MS, () => {
        serial.ask();
      });
      serial.ask();
    },
    async stop() {
      stopSweeping?.();
      stopSweeping = undefined;
      await serial.rest();
    },
  };
}

/**
 * Fires one switch whose time is over, with all of its orders or not at all: undefined when there is none.
 * One that another process fires now is passed over.
 */
async function fireOne(tx: Tx, clock: Clock): Promise<readonly Order[] | undefined> {
  const now = clock.now();
  const [fired] = await tx.$queryRaw<{ accountId: string }[]>`
    DELETE FROM disconnect_switches WHERE id = (
      SELECT id FROM disconnect_switches WHERE expires_at <= ${now}
      ORDER BY expires_at LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING account_id AS "accountId"`;
  if (!fired) return undefined;
  const all: Order[] = [];
  for (;;) {
    const account = await lockAccount(tx, fired.accountId);
    if (!account) return all;
    const working = await lockWorkingOrders(tx, account.id, Prisma.sql`true`);
    const orders = working.filter(({ status }) => isCancelable(status));
    if (orders.length === 0) return all;
    all.push(...(await cancelTogether(tx, { account, orders, now, reason: REASON })));
  }
}
