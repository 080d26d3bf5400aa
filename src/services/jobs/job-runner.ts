import type { PgBoss } from 'pg-boss';
import type { Logger } from '../platform/logger.ts';
import type { Timers } from '../platform/timers.ts';
import type { Job } from './job.ts';

export interface JobRunnerPorts {
  /** Of the worker's role. */
  readonly url: string;
  readonly jobs: readonly Job[];
  readonly log: Logger;
  readonly timers: Timers;
  /** Nothing here is in a hurry, and each look is a query. */
  readonly pollSeconds?: number;
}

/**
 * Runs jobs by their schedules. Of any number of processes, one takes each run; a run that was missed
 * while none was there is made up for once.
 */
export interface JobRunner {
  /** Begins a moment later, so that a start does not wait for it. */
  start(): void;
  /** Tells running jobs to leave off, and waits for them. */
  stop(): Promise<void>;
}

const START_DELAY_MS = 2_000;
const START_AGAIN_MS = 30_000;
const POLL_SECONDS = 30;
const RUN_SECONDS = 900;
const STOP_MS = 5_000;

export function createJobRunner(ports: JobRunnerPorts): JobRunner {
  const { url, jobs, log, timers, pollSeconds = POLL_SECONDS } = ports;
  const stopping = new AbortController();
  let boss: PgBoss | undefined;
  let starting: Promise<void> | undefined;
  let cancel: (() => void) | undefined;

  const begin = async (): Promise<void> => {
    boss ??= await openBoss(url, log);
    await boss.start();
    for (const { name, cron, run } of jobs) {
      await boss.createQueue(name, {
        ...{ policy: 'exclusive', expireInSeconds: RUN_SECONDS },
        ...{ retryLimit: 3, retryDelay: 60, retryBackoff: true },
      });
      await boss.schedule(name, cron, null, { tz: 'UTC', missed: 'once' });
      await boss.work(name, { pollingIntervalSeconds: pollSeconds }, async () => {
        await run(stopping.signal);
      });
    }
  };

  const startIn = (delayMs: number): void => {
    cancel = timers.after(delayMs, () => {
      starting = begin().catch((err: unknown) => {
        log.error({ err }, 'The scheduled jobs could not be started; they are tried again.');
        if (!stopping.signal.aborted) startIn(START_AGAIN_MS);
      });
    });
  };

  return {
    start() {
      startIn(START_DELAY_MS);
    },
    async stop() {
      cancel?.();
      stopping.abort();
      await starting;
      await boss?.stop({ graceful: true, timeout: STOP_MS });
    },
  };
}

/** Loaded late: it takes a tenth of a second. Its tables come with our migrations, and it changes none. */
async function openBoss(connectionString: string, log: Logger): Promise<PgBoss> {
  const { PgBoss: Boss } = await import('pg-boss');
  const boss = new Boss({
    ...{ connectionString, max: 2, application_name: 'tradegraph-jobs' },
    ...{ migrate: false, createSchema: false, reindex: false, monitorVacuum: false },
  });
  boss.on('error', (err) => {
    log.error({ err }, 'A scheduled job failed, or its queue could not be read.');
  });
  return boss;
}
