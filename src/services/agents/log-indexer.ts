import type { Database } from '../platform/database.ts';
import type { Logger } from '../platform/logger.ts';
import type { Timers } from '../platform/timers.ts';
import { systemViewer } from '../platform/viewer.ts';

/** A tenth of a second of work, so that nothing else waits for long. */
const BATCH_LINES = 200;
const INTERVAL_MS = 1_000;

export interface LogIndexer {
  /**
   * Has the words of lines indexed that came in since, some at a time, and answers with how many. A
   * search finds the others too, by reading them. Any number of processes may do it at once.
   */
  index(): Promise<number>;
  /** The same until nothing is left. Answers with how many in all. */
  indexAll(): Promise<number>;
  /** Does so each second from now on, until nothing is left. */
  start(): void;
  /** Resolves when what is under way is done. */
  stop(): Promise<void>;
}

export function createLogIndexer({
  workerDb,
  logger,
  timers,
}: {
  readonly workerDb: Database;
  readonly logger: Logger;
  readonly timers: Timers;
}): LogIndexer {
  let cancel: (() => void) | undefined;
  let working: Promise<void> | undefined;

  const index = (): Promise<number> =>
    workerDb.withViewer(
      systemViewer(),
      (tx) => tx.$executeRaw`
        UPDATE agent_log SET is_indexed = true WHERE id IN (
          SELECT id FROM agent_log WHERE NOT is_indexed
          LIMIT ${BATCH_LINES} FOR UPDATE SKIP LOCKED)`,
    );

  const indexAll = async (): Promise<number> => {
    let total = 0;
    for (;;) {
      const count = await index();
      total += count;
      if (count < BATCH_LINES) return total;
    }
  };

  const work = async (): Promise<void> => {
    try {
      while (cancel && (await index()) === BATCH_LINES);
    } catch (err: unknown) {
      logger.error({ err }, 'The words of logs could not be indexed.');
    }
    working = undefined;
  };

  return {
    index,
    indexAll,
    start() {
      cancel = timers.every(INTERVAL_MS, () => {
        working ??= work();
      });
    },
    async stop() {
      cancel?.();
      cancel = undefined;
      await working;
    },
  };
}
