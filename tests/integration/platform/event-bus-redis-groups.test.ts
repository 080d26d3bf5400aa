import { randomUUID } from 'node:crypto';
import { afterAll, describe, expect, test } from 'vitest';
import { createRedisRateLimits } from '../../../src/services/platform/rate-limits-redis.ts';
import { eventually } from '../../support/outbox.ts';
import { startRedisCluster, startRedisSentinel } from '../../support/redis-cluster.ts';
import { createRedisHouse } from '../../support/redis-house.ts';
import { createSilentLogger } from '../../support/silent-logger.ts';

const newChannel = () => `channel:${randomUUID()}`;
/** Publishes until something is heard: what is told while Redis changes is lost, which the log mends. */
const untilHeard = (publish: () => Promise<void>, heard: readonly string[], count: number) =>
  eventually(
    `${count} are heard`,
    async () => {
      await publish();
      return heard.length >= count;
    },
    60_000,
  );

describe('the bus over a cluster', async () => {
  const cluster = await startRedisCluster();
  afterAll(() => cluster.stop());
  const prefix = `test-${randomUUID()}:`;
  const [first = '', ...others] = cluster.url.replace('redis-cluster://', '').split(',');
  const atFirst = createRedisHouse(cluster.url);
  const atSecond = createRedisHouse(`redis-cluster://${[...others, first].join(',')}`);

  test('counts limits together, wherever a key is kept', async () => {
    const log = createSilentLogger();
    const open = () => createRedisRateLimits(cluster.url, log);
    const [one, other] = [await open(), await open()];
    const rule = { name: `cluster-${randomUUID()}`, points: 100, windowSeconds: 600 };
    const keys = Array.from({ length: 12 }, (_, key) => `key-${key}`);
    for (const key of keys) await Promise.all([one.take(rule, key), other.take(rule, key)]);
    const counts = await Promise.all(keys.map(async (key) => (await one.look(rule, key)).taken));
    expect(counts).toEqual(keys.map(() => 2));
    expect(log.lines).toEqual([]);
    await Promise.all([one.close(), other.close()]);
  });

  test('carries messages from one node to another, in order, and goes on without one', async () => {
    const { bus: here } = await atFirst.openBus({ prefix });
    const { bus: there } = await atSecond.openBus({ prefix });
    const channels = Array.from({ length: 10 }, newChannel);
    const heard: string[] = [];
    for (const channel of channels) {
      await there.subscribe(channel, (message) => void heard.push(message));
    }
    for (const [n, channel] of channels.entries()) await here.publish(channel, String(n));
    await eventually('all have come', () => heard.length === channels.length);
    expect(heard).toEqual(channels.map((_, n) => String(n)));

    let gaps = 0;
    there.onGap(() => (gaps += 1));
    await cluster.servers[1]?.stop();
    heard.length = 0;
    await eventually('the subscriber is at another node', () => gaps > 0, 60_000);
    await untilHeard(() => here.publish(channels[3] ?? '', 'again'), heard, 1);
    expect(new Set(heard)).toEqual(new Set(['again']));
  }, 120_000);
});

describe('the bus over sentinels', async () => {
  const group = await startRedisSentinel();
  afterAll(() => group.stop());
  const { openBus } = createRedisHouse(group.url);

  test('follows the master to where it goes', async () => {
    const [{ bus: here }, { bus: there }] = [await openBus(), await openBus()];
    const channel = newChannel();
    const heard: string[] = [];
    await there.subscribe(channel, (message) => void heard.push(message));
    await here.publish(channel, 'before');
    await eventually('it is heard', () => heard.length === 1);
    expect(heard).toEqual(['before']);

    let gaps = 0;
    there.onGap(() => (gaps += 1));
    await group.servers[0]?.stop();
    await eventually('the subscriber is at the new master', () => gaps > 0, 60_000);
    await untilHeard(() => here.publish(channel, 'after'), heard, 2);
    expect(heard[1]).toBe('after');
  }, 120_000);
});
