import type { Clock } from '../platform/clock.ts';
import type { Database } from '../platform/database.ts';
import type { Logger } from '../platform/logger.ts';
import type { Desks } from './desks.ts';
import type { Leases } from './leases.ts';
import { readOpenOrders } from './open-orders.ts';

/** Keeps the desks of a process to the leases that it holds, and shows them their orders. */
export interface DeskRenewal {
  /** The first renewal. Rejects when it fails. */
  start(): Promise<void>;
  /** Renews, unless a renewal goes on already. One that fails is told, and the next tries again. */
  readonly ask: () => void;
  /** No renewal begins any more. Resolves when the one in progress is over. */
  stop(): Promise<void>;
}

/** Orders placed this long before the last look are looked for again: their commit may be late. */
const OVERLAP_MS = 60_000;
const BEGINNING = new Date(0);

export function createDeskRenewal({
  leases,
  desks,
  workerDb,
  clock,
  logger,
}: {
  readonly leases: Pick<Leases, 'renew'>;
  readonly desks: Pick<Desks, 'arrange' | 'read' | 'unread' | 'give'>;
  readonly workerDb: Database;
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'error'>;
}): DeskRenewal {
  let lastLook = BEGINNING;
  let isRunning = false;
  let inProgress: Promise<void> | undefined;

  const look = async (instrumentIds: readonly string[], since: Date): Promise<void> => {
    desks.give(instrumentIds, await readOpenOrders(workerDb, { instrumentIds, since }));
  };

  const renew = async (): Promise<void> => {
    const now = clock.now();
    await desks.arrange(await leases.renew());
    const [read, unread] = [desks.read(), desks.unread()];
    await look(unread, BEGINNING);
    await look(read, new Date(lastLook.getTime() - OVERLAP_MS));
    lastLook = now;
  };

  return {
    async start() {
      isRunning = true;
      await renew();
    },
    ask() {
      if (!isRunning) return;
      inProgress ??= renew()
        .catch((error: unknown) => {
          logger.error({ err: error }, 'The leases of the paper engine could not be renewed.');
        })
        .finally(() => {
          inProgress = undefined;
        });
    },
    async stop() {
      isRunning = false;
      await inProgress;
    },
  };
}
