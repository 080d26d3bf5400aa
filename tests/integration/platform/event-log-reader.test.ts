import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { createLogReader } from '../../../src/services/platform/event-log/log-reader.ts';
import type { EventSource } from '../../../src/services/platform/event-log/stored-event.ts';
import { systemTimers } from '../../../src/services/platform/timers.ts';
import { userViewer } from '../../../src/services/platform/viewer.ts';
import { createTestDatabase } from '../../support/database.ts';
import { createTopicHouse, openRelay, openStreams } from '../../support/event-house.ts';
import { statementsOf } from '../../support/statement-watch.ts';

const database = await createTestDatabase();
const { bus, relay } = await openRelay(database);
const streams = openStreams(database, bus);
const reader = createLogReader({
  ...{ db: database.server, timers: systemTimers, pageEvents: 100, readsAtOnce: 4 },
});

const [ada, bob] = [randomUUID(), randomUUID()];
let house = createTopicHouse(database, relay, ada);
beforeEach(() => {
  house = createTopicHouse(database, relay, ada);
});

const read = (source: EventSource, after: bigint | undefined, userId = ada) =>
  reader.page({
    ...{ viewer: userViewer({ userId, role: 'USER' }), source, types: ['Counted'], after },
    isWanted: () => true,
  });
const write = async (count: number): Promise<void> => {
  await house.write(count);
  await house.untilRelayed();
};

describe('a reader of the log', () => {
  test('finds that nothing is behind the head for a hundred who ask at once, in two statements', async () => {
    await write(1);
    const head = await streams.head();
    const owners = Array.from({ length: 99 }, () => randomUUID());
    const sent = await statementsOf(async () => {
      const pages = await Promise.all([
        read({ topic: house.topic }, head),
        ...owners.map((ownerId) => read({ ownerId }, head, ownerId)),
      ]);
      const nothing = { gap: undefined, start: head, events: [], through: head, isLast: true };
      expect(pages).toEqual(pages.map(() => nothing));
    });
    // One for who came first, and one for the 99 who came meanwhile.
    expect(sent).toEqual([
      expect.stringContaining('last_positions'),
      expect.stringContaining('last_positions'),
    ]);
  });

  test('begins at the head without a cursor, whatever lies before', async () => {
    await write(2);
    const head = await streams.head();
    expect(await read({ topic: house.topic }, undefined)).toEqual({
      ...{ gap: undefined, start: head, events: [], through: head, isLast: true },
    });
  });

  test.each([
    ['a topic', () => ({ topic: house.topic })],
    ['an owner', () => ({ ownerId: ada })],
  ])('reads what %s has behind the cursor', async (_name, sourceOf) => {
    await write(3);
    const head = await streams.head();
    const { events, through } = await read(sourceOf(), head - 2n);
    expect(events.map(({ position }) => position)).toEqual([head - 1n, head]);
    expect(through).toBe(head);
  });

  test("shows nobody another's events, though their topic has some", async () => {
    await write(2);
    const head = await streams.head();
    const page = await read({ topic: house.topic }, head - 2n, bob);
    expect(page).toMatchObject({ events: [], through: head, isLast: true });
  });

  test('says of a cursor that is none where the log is, also where nothing lies behind it', async () => {
    await write(1);
    const head = await streams.head();
    const beyond = await read({ topic: house.topic }, head + 1n);
    expect(beyond).toMatchObject({ gap: { reason: 'BEYOND_HEAD' }, start: head, events: [] });
    const malformed = await read({ topic: `account:${randomUUID()}` }, -1n);
    expect(malformed).toMatchObject({ gap: { reason: 'MALFORMED' }, start: head, events: [] });
  });

  test('says that a cursor is too old, also to one whose source has had no event since', async () => {
    await write(2);
    const head = await streams.head();
    await database.query('UPDATE event_head SET position = $1 WHERE id = 2', [head - 1n]);
    const source = { topic: `account:${randomUUID()}` };
    try {
      const page = await read(source, head - 2n);
      expect(page).toMatchObject({ gap: { reason: 'TOO_OLD', oldest: head }, start: head - 1n });
      // The oldest that is kept comes next for whoever has all that went.
      expect(await read(source, head - 1n)).toMatchObject({ gap: undefined, through: head });
    } finally {
      await database.query('UPDATE event_head SET position = 0 WHERE id = 2');
    }
  });
});
