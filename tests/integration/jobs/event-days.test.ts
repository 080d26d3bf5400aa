import { expect, test } from 'vitest';
import { eventDaysJob } from '../../../src/services/jobs/event-days.ts';
import { systemViewer } from '../../../src/services/platform/viewer.ts';
import { createTestDatabase } from '../../support/database.ts';
import { createFixedClock } from '../../support/fixed-clock.ts';
import { commitEvents, newEvent } from '../../support/outbox.ts';

const database = await createTestDatabase();
const signal = new AbortController().signal;

const moveAt = async (time: string, topic: string): Promise<void> => {
  await commitEvents(database, newEvent({ topic }));
  await database.query('SELECT move_outbox(10, $1)', [time]);
};
const runAt = async (time: string): Promise<void> => {
  const clock = createFixedClock(time);
  await eventDaysJob({ workerDb: database.worker, clock, keptDays: 7 }).run(signal);
};
const places = () =>
  database.query<{ day: string; position: string }>(
    `SELECT replace(tableoid::regclass::text, 'event_days.events_', '') AS day, position
     FROM event_log ORDER BY position`,
  );
const days = async (): Promise<string[]> => {
  const rows = await database.query<{ day: string }>(
    `SELECT replace(inhrelid::regclass::text, 'event_days.events_', '') AS day
     FROM pg_inherits WHERE inhparent = 'event_log'::regclass ORDER BY 1`,
  );
  return rows.map(({ day }) => day);
};
const floor = async (): Promise<unknown> => {
  const [row] = await database.query('SELECT position FROM event_head WHERE id = 2');
  return row?.['position'];
};

test('days are made ahead, fed from what no day took, and dropped when they are over', async () => {
  // Nobody made a day yet: the event is kept beside the days, and nothing fails.
  await moveAt('2026-11-01T23:59:59.999Z', 'account:old');
  await moveAt('2026-11-02T00:00:00Z', 'account:a');
  expect(await places()).toEqual([
    { day: 'other', position: '1' },
    { day: 'other', position: '2' },
  ]);

  await runAt('2026-11-02T12:00:00Z');
  expect(await days()).toEqual(['20261102', '20261103', '20261104', '20261105', 'other']);
  await moveAt('2026-11-03T08:00:00Z', 'account:a');
  expect(await places()).toEqual([
    { day: 'other', position: '1' },
    { day: '20261102', position: '2' },
    { day: '20261103', position: '3' },
  ]);

  // Seven days before the 9th, 11:00 is the 2nd, 11:00: the 1st is over by then, the 2nd is not.
  await runAt('2026-11-09T11:00:00Z');
  expect(await places()).toEqual([
    { day: '20261102', position: '2' },
    { day: '20261103', position: '3' },
  ]);
  expect(await floor()).toBe('1');
  const topics = await database.query('SELECT topic, position FROM event_topics');
  expect(topics).toEqual([{ topic: 'account:a', position: '3' }]);

  await runAt('2026-11-10T00:00:00Z');
  expect(await places()).toEqual([{ day: '20261103', position: '3' }]);
  expect(await floor()).toBe('2');
  expect(await days()).toContain('20261113');

  // A topic whose events are all gone begins anew, and positions go on.
  await runAt('2026-11-20T00:00:00Z');
  expect(await places()).toEqual([]);
  await moveAt('2026-11-20T00:00:01Z', 'account:a');
  expect(await places()).toEqual([{ day: '20261120', position: '4' }]);
  expect(await floor()).toBe('3');
});

test('a day that readers are in the way of is left to the next run', async () => {
  await database.worker.withViewer(systemViewer(), async (tx) => {
    await tx.$queryRaw`SELECT 1 FROM event_log LIMIT 1`;
    await expect(runAt('2026-12-24T00:00:00Z')).rejects.toThrow();
  });
  await runAt('2026-12-24T00:00:00Z');
  expect(await days()).toContain('20261227');
});
