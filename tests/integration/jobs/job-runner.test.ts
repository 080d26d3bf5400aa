import { Client } from 'pg';
import { expect, it, onTestFinished } from 'vitest';
import { createJobRunner } from '../../../src/services/jobs/job-runner.ts';
import type { Job } from '../../../src/services/jobs/job.ts';
import { systemTimers } from '../../../src/services/platform/timers.ts';
import { createTestDatabase } from '../../support/database.ts';
import { createSilentLogger } from '../../support/silent-logger.ts';
import { until } from '../../support/until.ts';

const { query, workerUrl, serverUrl } = await createTestDatabase();
const EACH_YEAR = '0 0 1 1 *';

function startRunner(jobs: readonly Job[]) {
  const log = createSilentLogger();
  const runner = createJobRunner({
    ...{ url: workerUrl, jobs, log, timers: systemTimers },
    pollSeconds: 1,
  });
  runner.start();
  onTestFinished(() => runner.stop());
  return { runner, log };
}

it('starts with the tables of the migration, as the worker, and puts its schedules down', async () => {
  const { runner, log } = startRunner([
    { name: 'tidy', cron: EACH_YEAR, run: () => Promise.resolve() },
  ]);
  const schedules = () =>
    query<{ name: string }>('SELECT name, cron, timezone FROM pgboss.schedule');
  await until('the schedule', async () => (await schedules()).length === 1);
  expect(await schedules()).toEqual([{ name: 'tidy', cron: EACH_YEAR, timezone: 'UTC' }]);
  await runner.stop();
  expect(log.lines).toEqual([]);
});

it('gives a run to one of two processes', async () => {
  const runs: string[] = [];
  const job = (by: string): Job => ({
    name: 'shared',
    cron: EACH_YEAR,
    run: async () => {
      runs.push(by);
      await Promise.resolve();
    },
  });
  startRunner([job('one')]);
  startRunner([job('two')]);
  await until('the queue', async () => {
    const queues = await query("SELECT 1 FROM pgboss.queue WHERE name = 'shared'");
    return queues.length === 1;
  });
  await query(
    `INSERT INTO pgboss.job (name, policy, retry_limit, retry_delay, retry_backoff, expire_seconds,
       keep_until, deletion_seconds)
     SELECT name, policy, retry_limit, retry_delay, retry_backoff, expire_seconds,
       now() + '1 day', deletion_seconds FROM pgboss.queue WHERE name = 'shared'`,
  );
  await until('the run', async () => {
    const done = await query(
      "SELECT 1 FROM pgboss.job WHERE name = 'shared' AND state = 'completed'",
    );
    return done.length === 1;
  });
  expect(runs).toHaveLength(1);
});

it('is shut to the server', async () => {
  const client = new Client({ connectionString: serverUrl });
  await client.connect();
  onTestFinished(() => client.end());
  await expect(client.query('SELECT 1 FROM pgboss.job')).rejects.toThrow(/permission denied/);
  await expect(client.query("SELECT pgboss.create_queue('evil', '{}'::jsonb)")).rejects.toThrow(
    /permission denied/,
  );
});
