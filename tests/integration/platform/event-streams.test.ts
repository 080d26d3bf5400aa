import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { Forbidden } from '../../../src/services/platform/errors.ts';
import { anonymousViewer, userViewer, type Viewer } from '../../../src/services/platform/viewer.ts';
import { createTestDatabase } from '../../support/database.ts';
import { createTopicHouse, openRelay, openStreams, readEvents } from '../../support/event-house.ts';
import { commitEvents, eventually, newEvent } from '../../support/outbox.ts';

const database = await createTestDatabase();
const { bus, relay } = await openRelay(database);
const streams = openStreams(database, bus);

const [ada, bob] = [randomUUID(), randomUUID()];
const as = (userId: string) => userViewer({ userId, role: 'USER' });
const TYPES = ['Counted'];

let house = createTopicHouse(database, relay, ada);
beforeEach(() => {
  bus.drops = () => false;
  house = createTopicHouse(database, relay, ada);
});
const openTopic = (after?: bigint, viewer: Viewer = as(ada)) =>
  streams.durable(viewer, { topic: house.topic }, { types: TYPES, after });
/** One subscriber for the topic or the owner, one for the head. */
const untilSubscribed = (count = 2) =>
  eventually('they are subscribed', () => bus.subscriberCount() === count);

describe('a durable stream', () => {
  test('begins at the head without a cursor, and then brings what comes, whole', async () => {
    await house.write(2);
    await house.untilRelayed();
    const head = await streams.head();
    const stream = openTopic();
    const first = stream.next();
    let isRead = false;
    void first.then(() => (isRead = true));
    await eventually('it brings an event', async () => {
      await house.write(1);
      return isRead;
    });
    const { value: item } = await first;
    const position = item?.kind === 'event' ? item.event.position : 0n;
    expect(position).toBeGreaterThan(head);
    expect(item).toEqual({
      kind: 'event',
      event: {
        position,
        previousPosition: position - 1n,
        topic: house.topic,
        ownerId: ada,
        type: 'Counted',
        version: 1,
        payload: { n: 0 },
        occurredAt: new Date('2026-11-20T12:00:00.123Z'),
        recordedAt: expect.any(Date) as Date,
      },
    });
    await stream.return?.();
  });

  test('brings the same event from the log as live', async () => {
    const live = openTopic(await streams.head());
    const first = live.next();
    await untilSubscribed();
    await house.write(1);
    const replayed = openTopic(0n);
    expect(await replayed.next()).toEqual(await first);
    await Promise.all([live.return?.(), replayed.return?.()]);
  });

  // An owner's events come in two topics by turns, so that he has twice as many.
  test.each([
    ['topic', 1],
    ['owner', 2],
  ])('resumes at every position of a %s while more is written', async (kind, topics) => {
    const owner = randomUUID();
    const source = kind === 'topic' ? { topic: house.topic } : { ownerId: owner };
    const total = 120 * topics;
    await house.writeOf(owner, 30);
    await house.untilRelayed();
    const cursors = [0n, ...(await house.positionsOf(source))];
    const writing = Promise.all([45, 45].map((count) => house.writeOf(owner, count)));
    const readers = cursors.map(async (after, index) => {
      const stream = streams.durable(as(owner), source, { types: TYPES, after });
      const positions = await readEvents(stream, total - index);
      await stream.return?.();
      return positions;
    });
    const seen = await Promise.all(readers);
    await writing;
    const expected = await house.positionsOf(source);
    expect(expected).toHaveLength(total);
    for (const [index, positions] of seen.entries()) {
      expect(positions).toEqual(expected.slice(index));
    }
  });

  test('reads a long history in pages', async () => {
    const events = Array.from({ length: 1_234 }, () =>
      newEvent({ topic: house.topic, ownerId: ada }),
    );
    await commitEvents(database, ...events);
    await house.untilRelayed();
    const stream = openTopic(0n);
    expect(await readEvents(stream, 1_234)).toEqual(await house.positionsOf());
    await stream.return?.();
  });

  test('brings only the types that were asked for', async () => {
    const stream = openTopic(await streams.head());
    const reading = readEvents(stream, 2);
    await house.write(1);
    await house.write(5, { type: 'Other' });
    await house.write(1);
    await reading;
    await house.untilRelayed();
    const replayed = openTopic(0n);
    expect(await readEvents(replayed, 2)).toEqual(await house.positionsOf());
    await Promise.all([stream.return?.(), replayed.return?.()]);
  });
});

test('a stream reads the log of now, though its viewer holds an older snapshot', async () => {
  const viewer = as(ada);
  database.server.beginSnapshot(viewer);
  const before = await streams.head(viewer);
  await house.write(3);
  await house.untilRelayed();
  expect(await streams.head(viewer)).toBe(before);
  const stream = openTopic(before, viewer);
  expect(await readEvents(stream, 3)).toEqual(await house.positionsOf());
  await stream.return?.();
  await database.server.endSnapshot(viewer);
});

describe('messages that the bus loses', () => {
  test.each(['topic', 'owner'])('of a %s are made up from the log', async (kind) => {
    const owner = randomUUID();
    const source = kind === 'topic' ? { topic: house.topic } : { ownerId: owner };
    let count = 0;
    bus.drops = ({ channel }) => channel !== 'head' && (count += 1) % 3 !== 0;
    const stream = streams.durable(as(owner), source, {
      types: TYPES,
      after: await streams.head(),
    });
    const reading = readEvents(stream, kind === 'topic' ? 60 : 120);
    await house.writeOf(owner, 60);
    expect(await reading).toEqual(await house.positionsOf(source));
    await stream.return?.();
  });

  test('are found by the next head when they are the last', async () => {
    const stream = openTopic(await streams.head());
    const reading = readEvents(stream, 3);
    await untilSubscribed();
    bus.drops = ({ channel }) => channel !== 'head';
    await house.write(3);
    expect(await reading).toEqual(await house.positionsOf());
    await stream.return?.();
  });

  test('are found in the log even when the news of the head is lost as well', async () => {
    const stream = openTopic(await streams.head());
    const reading = readEvents(stream, 3);
    await untilSubscribed();
    bus.drops = () => true;
    await house.write(3);
    expect(await reading).toEqual(await house.positionsOf());
    await stream.return?.();
  });
});

describe('the walls of a stream', () => {
  test("keep another owner's events from a subscriber to their topic, live and from the log", async () => {
    await house.write(2, { ownerId: ada });
    const stream = openTopic(0n, as(bob));
    const reading = readEvents(stream, 2);
    await untilSubscribed();
    await house.write(1, { ownerId: bob });
    await house.write(3, { ownerId: ada });
    await house.write(1, { ownerId: null });
    const seen = await reading;
    const rows = await database.query<{ position: string }>(
      `SELECT position FROM event_log WHERE topic = $1 AND owner_id IS DISTINCT FROM $2 ORDER BY 1`,
      [house.topic, ada],
    );
    expect(seen).toEqual(rows.map(({ position }) => BigInt(position)));
    await stream.return?.();
  });

  test('show everyone what has no owner', async () => {
    await house.write(1, { ownerId: null });
    const stream = openTopic(0n, anonymousViewer());
    expect(await readEvents(stream, 1)).toHaveLength(1);
    await stream.return?.();
  });

  test("refuse a stream of another user's own", () => {
    const foreign = () => streams.durable(as(bob), { ownerId: ada }, { types: TYPES });
    expect(foreign).toThrow(Forbidden);
    expect(bus.subscriberCount()).toBe(0);
  });
});
