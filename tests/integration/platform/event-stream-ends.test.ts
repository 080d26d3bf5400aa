import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { SlowReader } from '../../../src/services/platform/event-log/errors.ts';
import { userViewer } from '../../../src/services/platform/viewer.ts';
import { createTestDatabase } from '../../support/database.ts';
import { createTopicHouse, openRelay, openStreams, readEvents } from '../../support/event-house.ts';
import { commitEvents, eventually, newEvent } from '../../support/outbox.ts';

const database = await createTestDatabase();
const { bus, relay } = await openRelay(database);
const streams = openStreams(database, bus);

const ada = randomUUID();
const as = (userId: string) => userViewer({ userId, role: 'USER' });
const TYPES = ['Counted'];

let house = createTopicHouse(database, relay, ada);
beforeEach(() => {
  bus.drops = () => false;
  house = createTopicHouse(database, relay, ada);
});
const openTopic = (after?: bigint) =>
  streams.durable(as(ada), { topic: house.topic }, { types: TYPES, after });
/** One subscriber for the topic or the owner, one for the head. */
const untilSubscribed = (count = 2) =>
  eventually('they are subscribed', () => bus.subscriberCount() === count);

describe('a cursor that cannot be resumed from', () => {
  const firstTwo = async (after: bigint) => {
    const stream = openTopic(after);
    const gap = await stream.next();
    await house.write(1);
    const [position] = await readEvents(stream, 1);
    await stream.return?.();
    return { gap: gap.value as unknown, position };
  };

  test('beyond the head is told, and the stream goes on from the head', async () => {
    await house.write(3);
    await house.untilRelayed();
    const head = await streams.head();
    const { gap, position } = await firstTwo(head + 1_000n);
    const expected = { kind: 'gap', reason: 'BEYOND_HEAD', from: head + 1_000n, oldest: 1n };
    expect([gap, position]).toEqual([expected, head + 1n]);
  });

  test('below zero is told, and the stream goes on from the head', async () => {
    await house.write(3);
    await house.untilRelayed();
    const head = await streams.head();
    const { gap, position } = await firstTwo(-5n);
    const expected = { kind: 'gap', reason: 'MALFORMED', from: -5n, oldest: 1n };
    expect([gap, position]).toEqual([expected, head + 1n]);
  });

  test('older than what is kept is told, and the stream goes on from the oldest', async () => {
    await house.write(6);
    await house.untilRelayed();
    const all = await house.positionsOf();
    const floor = all[2] ?? 0n;
    await database.query('DELETE FROM event_log WHERE position <= $1', [floor.toString()]);
    await database.query('UPDATE event_head SET position = $1 WHERE id = 2', [floor.toString()]);
    const stream = openTopic(all[0]);
    expect((await stream.next()).value).toEqual({
      kind: 'gap',
      reason: 'TOO_OLD',
      from: all[0],
      oldest: floor + 1n,
    });
    expect(await readEvents(stream, 3)).toEqual(all.slice(3));
    await stream.return?.();
    const fromFloor = openTopic(floor);
    expect(await readEvents(fromFloor, 3)).toEqual(all.slice(3));
    await fromFloor.return?.();
    await database.query('UPDATE event_head SET position = 0 WHERE id = 2');
  });
});

describe('the end of a stream', () => {
  test('leaves no subscriber behind, at whatever moment it comes', async () => {
    await house.write(5);
    await house.untilRelayed();
    const ending = Array.from({ length: 1_000 }, async (_, index) => {
      const stream = openTopic(index % 2 === 0 ? 0n : undefined);
      // Some before the first read, some while it is read, some after, some by an error.
      const first = index % 4 === 0 ? undefined : stream.next();
      if (index % 4 === 2) await first;
      if (index % 8 === 1) await stream.throw?.(new Error('away')).catch(() => undefined);
      else await stream.return?.();
      await first;
      return stream.next();
    });
    const ends = await Promise.all(ending);
    expect(ends.every(({ done }) => done)).toBe(true);
    await eventually('nobody is subscribed', () => bus.subscriberCount() === 0);
  });

  test('comes at once, while the log is being read', async () => {
    await database.query('BEGIN; LOCK TABLE event_log IN ACCESS EXCLUSIVE MODE');
    const stream = openTopic(0n);
    const waiting = stream.next();
    await untilSubscribed();
    expect(await stream.return?.()).toEqual({ done: true, value: undefined });
    expect(await waiting).toEqual({ done: true, value: undefined });
    expect(bus.subscriberCount()).toBe(0);
    await database.query('ROLLBACK');
  });

  test('comes to all when the process closes its streams', async () => {
    const closing = openStreams(database, bus);
    const stream = closing.durable(as(ada), { topic: house.topic }, { types: TYPES });
    const feed = closing.feed(String, String);
    const waiting = [stream.next(), closing.state(feed, ['quotes']).next()];
    await untilSubscribed(3);
    await closing.close();
    expect((await Promise.all(waiting)).every(({ done }) => done)).toBe(true);
    expect(bus.subscriberCount()).toBe(0);
  });
});

describe('a reader that falls too far behind', () => {
  test('is ended, hurts no other, and resumes from its cursor', async () => {
    const short = openStreams(database, bus, { queueEvents: 50 });
    const open = (after: bigint) =>
      short.durable(as(ada), { topic: house.topic }, { types: TYPES, after });
    const start = await streams.head();
    const [slow, quick] = [open(start), open(start)];
    const firsts = Promise.all([readEvents(slow, 1), readEvents(quick, 1)]);
    await untilSubscribed(3);
    await house.write(1);
    const [[cursor = 0n]] = await firsts;

    const reading = readEvents(quick, 200);
    // All at once, so that the quick one shows that it is given its turns.
    const event = newEvent({ topic: house.topic, ownerId: ada });
    await commitEvents(database, ...Array.from({ length: 200 }, () => event));
    relay.wake();
    const others = await reading;
    expect([cursor, ...others]).toEqual(await house.positionsOf());
    expect(bus.subscriberCount()).toBe(2);
    await expect(slow.next()).rejects.toThrow(SlowReader);
    expect((await slow.next()).done).toBe(true);

    const resumed = open(cursor);
    expect(await readEvents(resumed, 200)).toEqual(others);
    await Promise.all([quick.return?.(), resumed.return?.()]);
  });

  test('is ended by the bytes that wait as well, however few the events are', async () => {
    const short = openStreams(database, bus, { queueBytes: 100_000 });
    const stream = short.durable(as(ada), { topic: house.topic }, { types: TYPES });
    const first = readEvents(stream, 1);
    await untilSubscribed();
    // Alone, one that is larger than all that may wait is given.
    await house.write(1, { payload: { text: 'x'.repeat(150_000) } });
    const [cursor] = await first;
    await house.write(2, { payload: { text: 'x'.repeat(60_000) } });
    await eventually('the reader is given up', () => bus.subscriberCount() === 0);
    await expect(stream.next()).rejects.toThrow(SlowReader);
    const resumed = short.durable(as(ada), { topic: house.topic }, { types: TYPES, after: cursor });
    expect(await readEvents(resumed, 2)).toEqual((await house.positionsOf()).slice(1));
    await resumed.return?.();
  });

  test('in a long history is not ended: it finds in the log what was dropped', async () => {
    const short = openStreams(database, bus, { queueEvents: 20, pageEvents: 10 });
    await house.write(50);
    await house.untilRelayed();
    const stream = short.durable(as(ada), { topic: house.topic }, { types: TYPES, after: 0n });
    await readEvents(stream, 1);
    await house.write(60);
    await house.untilRelayed();
    await readEvents(stream, 109);
    await stream.return?.();
  });
});

test('a stream outlives a database that cuts its connections', async () => {
  const stream = openTopic(await streams.head());
  const reading = readEvents(stream, 40);
  const cutting = (async () => {
    for (let times = 0; times < 5; times += 1) {
      await database.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE datname = current_database() AND usename = 'tradegraph_server'`,
      );
      bus.drops = () => true;
      await house.write(4);
      bus.drops = () => false;
      await house.write(4);
    }
  })();
  await cutting;
  expect(await reading).toEqual(await house.positionsOf());
  await stream.return?.();
});
