import type { Clock } from '../platform/clock.ts';
import type { Database } from '../platform/database.ts';
import { systemViewer } from '../platform/viewer.ts';
import type { Job } from './job.ts';

const DAY_MS = 86_400_000;
/** Today and so many more: a job that fails for days stops nobody. */
const DAYS_AHEAD = 3;

/**
 * Keeps the event log in days of UTC: makes those to come, and drops those that ended more than `keptDays`
 * ago. A reader with an older cursor is told of a gap. What a busy database refuses is tried again by the
 * next run; events of a day that is not there are kept beside the days.
 */
export function eventDaysJob({
  workerDb,
  clock,
  keptDays,
}: {
  readonly workerDb: Database;
  readonly clock: Clock;
  readonly keptDays: number;
}): Job {
  const makeDay = (dayMs: number): Promise<unknown> => {
    const day = new Date(dayMs).toISOString().slice(0, 'YYYY-MM-DD'.length);
    return workerDb.withViewer(
      systemViewer(),
      (tx) => tx.$queryRaw`SELECT make_event_day(${day}::date)::text`,
    );
  };
  const dropDay = async (until: Date): Promise<boolean> => {
    const [row] = await workerDb.withViewer(
      systemViewer(),
      (tx) => tx.$queryRaw<{ isDropped: boolean }[]>`
        SELECT drop_event_day(${until}) AS "isDropped"`,
    );
    return row?.isDropped ?? false;
  };

  return {
    name: 'keep-event-days',
    cron: '57 * * * *',
    async run(signal) {
      const nowMs = clock.now().getTime();
      for (let ahead = 0; ahead <= DAYS_AHEAD; ahead += 1) await makeDay(nowMs + ahead * DAY_MS);
      const until = new Date(nowMs - keptDays * DAY_MS);
      while (!signal.aborted && (await dropDay(until)));
    },
  };
}
