import type { Database } from '../platform/database.ts';
import type { Logger } from '../platform/logger.ts';
import type { Timers } from '../platform/timers.ts';
import { systemViewer } from '../platform/viewer.ts';
import { holdChain, queueForgotten } from './chain-rows.ts';
import { createChainWriter, type ChainWriterPorts } from './chain-writer.ts';

export interface SealerPorts extends ChainWriterPorts {
  readonly timers: Timers;
  readonly intervalMs: number;
}

/** Chains the audit records, after their commit: see docs/decisions/2026-11-21-audit-chain.md. */
export interface Sealer {
  start(): void;
  /** Seals what waits at the moment, one batch of it, and stops. */
  stop(): Promise<void>;
  /**
   * Seals everything that waits and answers how much that was; 0 when another process seals. Throws
   * ChainBroken, and adds nothing, when the chain is not what the anchors and the keys say.
   */
  seal(): Promise<number>;
}

/** Batches of one round; what is left waits for the next. */
const BATCHES_MAX = 10_000;

/** Any number of sealers may run, in one process or several; the database lets one at a time. */
export function createSealer(ports: SealerPorts): Sealer {
  const { workerDb, clock, timers, log, intervalMs } = ports;
  const writer = createChainWriter(ports);
  const tell = createTeller(log);
  let isSwept = false;
  let running: Promise<number> | undefined;
  let stopTimer: (() => void) | undefined;

  const round = async (batchesMax: number): Promise<number> => {
    if (!isSwept) await sweep(workerDb, log);
    isSwept = true;
    return writer.write(batchesMax);
  };

  const seal = async (batchesMax = BATCHES_MAX): Promise<number> => {
    while (running) await running.catch(() => undefined);
    running = round(batchesMax).finally(() => {
      running = undefined;
    });
    return running;
  };

  const run = async (batchesMax?: number): Promise<void> => {
    try {
      await seal(batchesMax);
      tell.success();
    } catch (error) {
      tell.failure(error, clock.now());
    }
  };

  return {
    seal: () => seal(),
    start() {
      stopTimer ??= timers.every(intervalMs, () => {
        if (!running) void run();
      });
      void run();
    },
    async stop() {
      if (!stopTimer) return;
      stopTimer();
      stopTimer = undefined;
      await run(1);
    },
  };
}

const FIRST_ID = '00000000-0000-0000-0000-000000000000';
const SWEPT_AT_ONCE = 20_000;

/**
 * Queues the records that have neither a seal nor a place in the queue: those that are older than
 * the chain, and those whose place was taken from it. In slices, so that it holds nobody up.
 */
async function sweep(workerDb: Database, log: Logger): Promise<void> {
  let [after, queuedCount]: [string | undefined, number] = [FIRST_ID, 0];
  while (after !== undefined) {
    const from: string = after;
    const slice = await workerDb.withViewer(systemViewer(), async (tx) => {
      await holdChain(tx);
      return queueForgotten(tx, from, SWEPT_AT_ONCE);
    });
    after = slice.last;
    queuedCount += slice.queuedCount;
  }
  if (queuedCount > 0)
    log.warn({ queuedCount }, 'Audit records were found that nobody had queued.');
}

const REMINDER_MS = 10 * 60_000;

/**
 * Says what keeps the log from being sealed: at once, and again while it lasts, but not every time.
 */
function createTeller(log: Logger) {
  let told: { readonly text: string; readonly atMs: number } | undefined;
  return {
    success(): void {
      if (told) log.info({}, 'The audit log is sealed again.');
      told = undefined;
    },
    failure(error: unknown, now: Date): void {
      const text = String(error);
      const atMs = now.getTime();
      if (told?.text === text && atMs - told.atMs < REMINDER_MS) return;
      told = { text, atMs };
      log.error({ err: error }, 'The audit log could not be sealed; "cli audit verify" says more.');
    },
  };
}
