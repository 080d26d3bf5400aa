import type { Clock } from '../platform/clock.ts';
import type { Database, Tx } from '../platform/database.ts';
import type { Logger } from '../platform/logger.ts';
import type { Order } from '../platform/prisma/client.ts';
import { askOf } from '../platform/query.ts';
import { systemTimers, type Timers } from '../platform/timers.ts';
import { systemViewer } from '../platform/viewer.ts';
import { lockPatience } from '../portfolio/locks.ts';
import { cancelAllOf } from './mass-cancellation.ts';
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
  /**
   * One sweep, several switches at once; answers with how many orders it canceled. A switch that
   * cannot be fired, or whose account is locked, is logged and holds up no other: the next sweep
   * tries it again.
   */
  sweep(): Promise<number>;
  /** Resolves when what is being canceled is canceled. */
  stop(): Promise<void>;
}

/** With the time of a renewal less than a second after the grace. */
const SWEEP_MS = 400;
/** Few, since whoever places orders needs connections as well. */
const RUNNING_MAX = 3;
/** For an account that somebody else has; the next sweep waits for it anew. */
const PATIENCE_MS = 500;
const REASON = {
  code: 'CANCEL_ON_DISCONNECT',
  message: 'The connection that watched over it was lost.',
};

export function createDisconnectSweeper(ports: DisconnectSweeperPorts): DisconnectSweeper {
  const { workerDb, clock, logger, timers = systemTimers, onCanceled } = ports;
  let stopSweeping: (() => void) | undefined;

  const sweep = async (): Promise<number> => {
    /** Fired, or failed, in this sweep: no other of its workers begins with them. */
    const tried: string[] = [];
    let count = 0;
    const fireAll = async (): Promise<void> => {
      for (;;) {
        const begun: { id?: string } = {};
        try {
          const canceled = await workerDb.withViewer(systemViewer(), async (tx) => {
            const fired = await takeOne(tx, clock.now(), tried);
            if (!fired) return undefined;
            begun.id = fired.id;
            tried.push(fired.id);
            return cancelAllOf(tx, fired, { now: clock.now(), reason: REASON });
          });
          if (!canceled) return;
          for (const order of canceled) onCanceled?.(order);
          count += canceled.length;
        } catch (err) {
          if (begun.id === undefined) throw err;
          logger.error({ err, switchId: begun.id }, 'A lost connection could not be answered yet.');
        }
      }
    };
    await Promise.all(Array.from({ length: RUNNING_MAX }, fireAll));
    return count;
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
 * Takes one switch whose time is over, whose orders are then canceled in the same transaction, all
 * or none: undefined when there is none. One that another process fires now is passed over.
 */
async function takeOne(
  tx: Tx,
  now: Date,
  tried: readonly string[],
): Promise<{ readonly id: string; readonly accountId: string } | undefined> {
  await askOf(tx, lockPatience(PATIENCE_MS));
  const [fired] = await tx.$queryRaw<{ id: string; accountId: string }[]>`
    DELETE FROM disconnect_switches WHERE id = (
      SELECT id FROM disconnect_switches
      WHERE expires_at <= ${now} AND id <> ALL(${[...tried]}::uuid[])
      ORDER BY expires_at LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING id, account_id AS "accountId"`;
  return fired;
}
