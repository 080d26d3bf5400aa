import { beforeEach, expect, test } from 'vitest';
import { createRecentRows, type RecentRows } from '../../../src/services/accounts/recent-rows.ts';
import type { Database } from '../../../src/services/platform/database.ts';
import type { EventBus } from '../../../src/services/platform/event-bus/event-bus.ts';
import { createInProcessBus } from '../../../src/services/platform/event-bus/in-process.ts';
import type { Soon } from '../../../src/services/platform/soon.ts';
import { systemViewer } from '../../../src/services/platform/viewer.ts';
import { createFixedClock, type FixedClock } from '../../support/fixed-clock.ts';
import { createSilentLogger } from '../../support/silent-logger.ts';

const ADA = { userId: 'ada' };
let bus: EventBus;
let clock: FixedClock;
let recent: RecentRows;
let tellGap: () => void;
/** How often the database was asked, and what it answers. */
let asked: number;
let answer: () => Promise<typeof ADA | undefined>;
let find: (key: string) => Soon<typeof ADA | undefined>;

beforeEach(() => {
  clock = createFixedClock('2026-11-21T12:00:00Z');
  bus = createInProcessBus({ log: createSilentLogger() });
  const onGap = (listener: () => void) => {
    tellGap = listener;
    return () => undefined;
  };
  recent = createRecentRows({ bus: { ...bus, onGap }, clock });
  asked = 0;
  answer = () => Promise.resolve(ADA);
  find = recent.remember(() => {
    asked += 1;
    return answer();
  });
});

/** Asks until the row is kept: first its person must be heard. */
async function keep(): Promise<void> {
  await find('a');
  await find('a');
  asked = 0;
  expect(await find('a')).toBe(ADA);
  expect(asked).toBe(0);
}

test('a row is read anew after two seconds', async () => {
  await keep();
  clock.advance(1.999);
  await find('a');
  expect(asked).toBe(0);
  clock.advance(0.001);
  await find('a');
  expect(asked).toBe(1);
});

test('a row is read anew when the clock was set back', async () => {
  await keep();
  clock.advance(-3_600);
  await find('a');
  expect(asked).toBe(1);
});

test('a row is read anew after an event about its person, and only about them', async () => {
  await keep();
  await bus.publish('user:eva', '');
  await find('a');
  expect(asked).toBe(0);
  await bus.publish('user:ada', '');
  await find('a');
  expect(asked).toBe(1);
});

test('a row is read anew after a time in which events may have been missed', async () => {
  await keep();
  tellGap();
  await find('a');
  expect(asked).toBe(1);
});

test.each([
  ['a write', () => Promise.resolve(7)],
  ['a write that failed', () => Promise.reject(new Error('Gone.'))],
])('a row is read anew after %s about people', async (_name, withViewer) => {
  await keep();
  const db = recent.forgottenBy({ withViewer } as unknown as Database);
  await db.withViewer(systemViewer(), () => Promise.resolve()).catch(() => undefined);
  await find('a');
  expect(asked).toBe(1);
});

const tellGapSoon = async (): Promise<void> => {
  await Promise.resolve();
  tellGap();
};

test.each([
  ['an event', () => bus.publish('user:ada', '')],
  ['a gap', tellGapSoon],
])('what was read while there was %s is not kept', async (_name, happen) => {
  await keep();
  clock.advance(2);
  answer = async () => {
    await happen();
    return ADA;
  };
  await find('a');
  answer = () => Promise.resolve(ADA);
  await find('a');
  expect(asked).toBe(2);
});

test('what is not there is asked for each time, and forgotten when it goes', async () => {
  await keep();
  clock.advance(2);
  answer = () => Promise.resolve(undefined);
  expect(await find('a')).toBeUndefined();
  expect(await find('a')).toBeUndefined();
  expect(asked).toBe(2);
});

test('rows of one key are not those of another', async () => {
  await keep();
  const EVA = { userId: 'eva' };
  answer = () => Promise.resolve(EVA);
  expect(await find('e')).toBe(EVA);
  expect(await find('a')).toBe(ADA);
});

test('nothing is kept by a bus that cannot be heard', async () => {
  const subscribe = () => Promise.reject(new Error('No bus.'));
  const deaf = createRecentRows({ bus: { subscribe, onGap: bus.onGap }, clock });
  const findDeaf = deaf.remember(() => {
    asked += 1;
    return answer();
  });
  for (let time = 0; time < 3; time += 1) await findDeaf('a');
  expect(asked).toBe(3);
});
