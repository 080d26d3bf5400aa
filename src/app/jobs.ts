import { cleaningJobs } from '../services/jobs/cleaning.ts';
import { eventDaysJob } from '../services/jobs/event-days.ts';
import { createJobRunner, type JobRunner } from '../services/jobs/job-runner.ts';
import type { Config } from '../services/platform/config/config.ts';
import type { Foundation } from './foundation.ts';

/** What the program does by the clock. */
export function createJobs(
  foundation: Foundation,
  { database: { urls }, events }: Config,
): JobRunner {
  const { timers, logger: log } = foundation;
  const jobs = [...cleaningJobs(foundation), eventDaysJob({ ...foundation, ...events })];
  return createJobRunner({ url: urls.worker, jobs, log, timers });
}
