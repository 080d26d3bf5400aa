import { cleaningJobs } from '../services/jobs/cleaning.ts';
import { createJobRunner, type JobRunner } from '../services/jobs/job-runner.ts';
import type { Config } from '../services/platform/config/config.ts';
import type { Foundation } from './foundation.ts';

/** What the program does by the clock. */
export function createJobs(foundation: Foundation, { database: { urls } }: Config): JobRunner {
  const { timers, logger: log } = foundation;
  return createJobRunner({ url: urls.worker, jobs: cleaningJobs(foundation), log, timers });
}
