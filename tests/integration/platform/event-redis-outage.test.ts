import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { userViewer } from '../../../src/services/platform/viewer.ts';
import { createTestDatabase } from '../../support/database.ts';
import { openRelay, openStreams, readEvents } from '../../support/event-house.ts';
import { createManualTime } from '../../support/manual-time.ts';
import { commitEvents, eventually, newEvent } from '../../support/outbox.ts';
import { createRedisHouse } from '../../support/redis-house.ts';
import { startTestRedis } from '../../support/redis.ts';

const redis = await startTestRedis();
const database = await createTestDatabase();
const { openBus, subscribersOf, untilSubscribers } = createRedisHouse(redis.url);

describe('a Redis that goes away', () => {
  test('fails no publisher, is logged once, and tells of the gap when it is back', async () => {
    const { bus, log } = await openBus();
    const channel = `channel:${randomUUID()}`;
    const heard: string[] = [];
    let gaps = 0;
    bus.onGap(() => void (gaps += 1));
    await bus.subscribe(channel, (message) => void heard.push(message));
    await redis.stop();
    for (let n = 0; n < 100; n += 1) await bus.publish(channel, 'lost');
    // A subscription that is made now becomes real later.
    const startedMs = performance.now();
    const late: string[] = [];
    const lateChannel = `channel:${randomUUID()}`;
    await bus.subscribe(lateChannel, (message) => void late.push(message));
    // It waited for no Redis, however busy the machine.
    expect(performance.now() - startedMs).toBeLessThan(10_000);
    await redis.start();
    await eventually('the gap is told', () => gaps > 0);
    await untilSubscribers(lateChannel, 1);
    // The publisher has a connection of its own, which comes back when it does.
    await eventually('both are heard', async () => {
      await bus.publish(channel, 'found');
      await bus.publish(lateChannel, 'found');
      return heard.length > 0 && late.length > 0;
    });
    expect(new Set([...heard, ...late])).toEqual(new Set(['found']));
    expect(log.lines.map(({ level }) => level)).toEqual(['warn', 'info']);
  });

  test('loses no event for a stream of another process', async () => {
    const [{ bus: here }, { bus: there }] = [await openBus(), await openBus()];
    const { relay } = await openRelay(database, here);
    const streams = openStreams(database, there);
    const owner = randomUUID();
    const viewer = userViewer({ userId: owner, role: 'USER' });
    const write = async (count: number) => {
      for (let n = 0; n < count; n += 1) {
        const event = newEvent({ topic: 'account:restart', ownerId: owner });
        await commitEvents(database, event);
        relay.wake();
      }
    };
    const options = { types: ['Counted'], after: 0n };
    const byTopic = streams.durable(viewer, { topic: 'account:restart' }, options);
    const byOwner = streams.durable(viewer, { ownerId: owner }, options);
    const reading = [readEvents(byTopic, 150), readEvents(byOwner, 150)];
    await write(50);
    const writing = write(50);
    await redis.stop();
    await writing;
    await redis.start();
    await write(50);
    const expected = Array.from({ length: 150 }, (_, n) => BigInt(n + 1));
    expect(await Promise.all(reading)).toEqual([expected, expected]);

    await Promise.all([byTopic.return?.(), byOwner.return?.()]);
    await untilSubscribers('account:restart', 0);
    await untilSubscribers('head', 0);
  });

  test('and hangs, without a word, does not hold up the relay or the streams', async () => {
    const { bus } = await openBus();
    const { relay } = await openRelay(database, bus);
    const streams = openStreams(database, bus);
    const after = await streams.head();
    const owner = randomUUID();
    const viewer = userViewer({ userId: owner, role: 'USER' });
    const stream = streams.durable(viewer, { ownerId: owner }, { types: ['Counted'], after });
    const reading = readEvents(stream, 30);
    await eventually('it is subscribed', async () => (await subscribersOf(`owner:${owner}`)) === 1);
    redis.freeze();
    const startedMs = performance.now();
    for (let n = 0; n < 10; n += 1) await bus.publish('anything', 'lost');
    const publishedMs = performance.now() - startedMs;
    for (let n = 0; n < 30; n += 1) {
      await commitEvents(database, newEvent({ topic: 'account:frozen', ownerId: owner }));
      relay.wake();
    }
    const positions = await reading.finally(() => {
      redis.thaw();
    });
    // The first took the time-out of a command, the others next to nothing.
    expect(publishedMs).toBeLessThan(10_000);
    expect(positions).toEqual(Array.from({ length: 30 }, (_, n) => after + BigInt(n + 1)));
    await stream.return?.();
  });

  test('and hangs, is found out by its subscriber, who connects again', async () => {
    const time = createManualTime(new Date('2026-11-20T12:00:00Z'));
    const { bus } = await openBus({ timers: time.timers });
    let gaps = 0;
    bus.onGap(() => void (gaps += 1));
    await bus.subscribe('anything', () => undefined);
    redis.freeze();
    // The first PING goes out, the second finds it unanswered.
    time.advance(5_000);
    time.advance(5_000);
    redis.thaw();
    await eventually('the gap is told', () => gaps > 0);
    await untilSubscribers('anything', 1);
  });
});
