import type { Clock } from '../platform/clock.ts';
import type { Database } from '../platform/database.ts';
import type { Logger } from '../platform/logger.ts';
import type { Timers } from '../platform/timers.ts';
import { systemViewer } from '../platform/viewer.ts';

/** When keys were used last, and from where. */
export interface ApiKeyUses {
  /** Remembers a use. Costs nothing: it is written with those of all keys, later. */
  note(apiKeyId: string, address: string | null): void;
  /** Writes what was noted, in one statement. */
  flush(): Promise<void>;
  /** From then on, flushes by itself. */
  start(): Promise<void>;
  /** Flushes once more. */
  stop(): Promise<void>;
}

interface Use {
  readonly at: Date;
  readonly address: string | null;
}

/** To the minute is enough to tell a key that is in use from one that can go. */
const FLUSH_MS = 60_000;
/** More keys than a process sees in a minute; past them, uses wait for the next. */
const NOTED_MAX = 100_000;

export function createApiKeyUses({
  workerDb,
  clock,
  timers,
  logger,
}: {
  readonly workerDb: Database;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly logger: Logger;
}): ApiKeyUses {
  let noted = new Map<string, Use>();
  let stopTimer = (): void => undefined;

  const flush = async (): Promise<void> => {
    if (noted.size === 0) return;
    const uses = [...noted];
    noted = new Map();
    await workerDb.withViewer(systemViewer(), async (tx) => {
      // Locked in one order, so that two processes never wait for each other; the latest use stays.
      await tx.$executeRaw`
        WITH used AS (
          SELECT k.id, u.at, u.address
          FROM unnest(${uses.map(([id]) => id)}::uuid[], ${uses.map(([, { at }]) => at)}::timestamptz[],
            ${uses.map(([, { address }]) => address)}::text[]) AS u (id, at, address)
          JOIN api_keys k ON k.id = u.id
          ORDER BY k.id FOR NO KEY UPDATE OF k
        )
        UPDATE api_keys k SET last_used_at = used.at, last_used_address = used.address
        FROM used WHERE k.id = used.id AND (k.last_used_at IS NULL OR k.last_used_at < used.at)`;
    });
  };
  /** A use that is not written is no reason to stop: the next one is. */
  const flushQuietly = async (): Promise<void> => {
    await flush().catch((error: unknown) => {
      logger.warn({ err: error }, 'The last uses of API keys were not written.');
    });
  };

  return {
    note(apiKeyId, address) {
      if (noted.size >= NOTED_MAX && !noted.has(apiKeyId)) return;
      noted.set(apiKeyId, { at: clock.now(), address });
    },
    flush,
    start() {
      stopTimer = timers.every(FLUSH_MS, () => void flushQuietly());
      return Promise.resolve();
    },
    async stop() {
      stopTimer();
      await flushQuietly();
    },
  };
}
