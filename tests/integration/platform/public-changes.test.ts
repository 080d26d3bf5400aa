import { beforeEach, expect, test } from 'vitest';
import { createPublicChanges } from '../../../src/services/platform/public-changes.ts';
import { afterwards } from '../../support/afterwards.ts';
import { createTestDatabase } from '../../support/database.ts';
import { createManualTime } from '../../support/manual-time.ts';
import { createSilentLogger } from '../../support/silent-logger.ts';
import { until } from '../../support/until.ts';

const database = await createTestDatabase();
const log = createSilentLogger();
const time = createManualTime(new Date('2026-11-22T08:00:00Z'));
const changes = createPublicChanges({ ...time, url: database.serverUrl, log });
afterwards(() => changes.close());

/** Half a second at a time, and what the database answers in between. */
const untilHeard = () =>
  until('changes are heard', () => {
    time.advance(500);
    return changes.isHeard();
  });
const listeners = () =>
  database.query<{ pid: number }>(
    `SELECT pid FROM pg_stat_activity
     WHERE application_name = 'tradegraph-public' AND datname = current_database()`,
  );
/** Waits for a change that came to be known, since its version is another. */
const untilTold = (sources: readonly string[], before: number) =>
  until('it is told', () => changes.versionOf(sources) !== before);

beforeEach(untilHeard);

test.each([
  ['bars', 'INSERT INTO bars SELECT * FROM bars WHERE false', 'bars'],
  ['instruments', 'UPDATE instruments SET name = name WHERE false', 'instruments'],
  ['values of accounts', 'DELETE FROM equity_points WHERE false', 'equity'],
  ['models', 'UPDATE models SET name = name WHERE false', 'models'],
  ['what a board shows of accounts', 'UPDATE accounts SET zone = zone WHERE false', 'models'],
])('tells of %s, whoever writes, and of nothing else', async (_what, sql, source) => {
  const others = ['bars', 'instruments', 'equity', 'models'].filter((each) => each !== source);
  const [its, theirs] = [changes.versionOf([source]), changes.versionOf(others)];
  await database.query(sql);
  await untilTold([source], its);
  expect(changes.versionOf(others)).toBe(theirs);
});

test('tells nothing of what changes with every order', async () => {
  const all = ['bars', 'instruments', 'equity', 'models'];
  const before = changes.versionOf(all);
  await database.query('UPDATE accounts SET cash = cash WHERE false');
  await database.query('DELETE FROM positions WHERE false');
  // They are told in the order of their commits: when this one is there, all are.
  await database.query('UPDATE instruments SET name = name WHERE false');
  await untilTold(all, before);
  expect(changes.versionOf(all)).toBe(before + 1);
});

test('a change that was rolled back is none', async () => {
  const before = changes.versionOf(['instruments']);
  await expect(
    database.query(`DO $$ BEGIN UPDATE instruments SET name = name WHERE false;
      RAISE 'not now'; END $$`),
  ).rejects.toThrow('not now');
  await database.query('UPDATE instruments SET name = name WHERE false');
  await untilTold(['instruments'], before);
  expect(changes.versionOf(['instruments'])).toBe(before + 1);
});

test('hears nothing without an answer of the last two seconds, and is unsure what it missed', async () => {
  const before = changes.versionOf(['bars']);
  const [listener] = await listeners();
  await database.query('SELECT pg_terminate_backend($1)', [listener?.pid]);
  await until('the loss is known', () => changes.versionOf(['bars']) !== before);
  expect(changes.isHeard()).toBe(false);
  const lost = changes.versionOf(['bars']);
  await untilHeard();
  expect(changes.versionOf(['bars'])).not.toBe(lost);
  expect(await listeners()).toHaveLength(1);
});

test('a note voids all at once', () => {
  const before = changes.versionOf(['models']);
  changes.note();
  expect(changes.versionOf(['models'])).not.toBe(before);
});

test('gives its connection back when nobody asks for a minute, and takes one for the next', async () => {
  const before = changes.versionOf(['bars']);
  await until('it has left', async () => {
    time.advance(61_000);
    return (await listeners()).length === 0;
  });
  expect(changes.isHeard()).toBe(false);
  await untilHeard();
  expect(changes.versionOf(['bars'])).not.toBe(before);
});

test('says once that it cannot listen', async () => {
  const url = database.serverUrl.replace(/:[^:@/]+@/, ':wrong@');
  const away = createPublicChanges({ ...time, url, log });
  for (let turn = 0; turn < 3; turn += 1) {
    expect(away.isHeard()).toBe(false);
    await until('it was tried', () => {
      time.advance(500);
      return log.lines.length > 0;
    });
  }
  await away.close();
  expect(log.lines.map(({ level }) => level)).toEqual(['warn']);
  expect(away.isHeard()).toBe(false);
});
