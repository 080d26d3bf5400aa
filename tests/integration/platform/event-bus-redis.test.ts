import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { eventually } from '../../support/outbox.ts';
import { createRedisHouse } from '../../support/redis-house.ts';
import { redisUrlForTests } from '../../support/redis.ts';

const { openBus, subscribersOf, untilSubscribers } = createRedisHouse(await redisUrlForTests());
const newChannel = () => `channel:${randomUUID()}`;

describe('the bus over Redis', () => {
  test('carries messages between processes, in order', async () => {
    const [{ bus: here }, { bus: there }] = [await openBus(), await openBus()];
    const channel = newChannel();
    const heard: string[] = [];
    await there.subscribe(channel, (message) => void heard.push(message));
    const sent = Array.from({ length: 2_000 }, (_, n) => `{"n":${n}}`);
    await Promise.all(sent.map((message) => here.publish(channel, message)));
    await eventually('all have come', () => heard.length === sent.length);
    expect(heard).toEqual(sent);
  });

  test('hears from the first moment on, however soon it subscribes after it was made', async () => {
    const { bus: there } = await openBus();
    for (let times = 0; times < 40; times += 1) {
      const { bus: here } = await openBus();
      const channel = newChannel();
      const heard: string[] = [];
      await here.subscribe(channel, (message) => void heard.push(message));
      await there.publish(channel, 'early');
      await eventually('it is heard', () => heard.length > 0);
      await here.close();
    }
  });

  test('subscribes once for many, and no more when the last is gone', async () => {
    const { bus } = await openBus();
    const channel = newChannel();
    const heard: string[] = [];
    const leave = await Promise.all(
      ['a', 'b', 'c'].map((name) => bus.subscribe(channel, (text) => void heard.push(name + text))),
    );
    expect(await subscribersOf(channel)).toBe(1);
    await bus.publish(channel, '1');
    await eventually('all have heard', () => heard.length === 3);
    leave[0]?.();
    await bus.publish(channel, '2');
    await eventually('two have heard', () => heard.length === 5);
    expect(heard).toEqual(['a1', 'b1', 'c1', 'b2', 'c2']);
    leave[1]?.();
    leave[2]?.();
    await untilSubscribers(channel, 0);
  });

  test('leaves nothing at Redis when subscriptions come and go at once', async () => {
    const { bus } = await openBus();
    const channel = newChannel();
    const comeAndGo = async () => {
      const leave = await bus.subscribe(channel, () => undefined);
      leave();
    };
    await Promise.all(Array.from({ length: 1_000 }, comeAndGo));
    await untilSubscribers(channel, 0);
    const heard: string[] = [];
    await bus.subscribe(channel, (message) => void heard.push(message));
    await bus.publish(channel, '1');
    await eventually('it is heard', () => heard.length > 0);
    expect(heard).toEqual(['1']);
  });

  test('spares the others when a subscriber throws', async () => {
    const { bus, log } = await openBus();
    const channel = newChannel();
    const heard: string[] = [];
    await bus.subscribe(channel, () => {
      throw new Error('broken');
    });
    await bus.subscribe(channel, (message) => void heard.push(message));
    await bus.publish(channel, '1');
    await eventually('it is heard', () => heard.length === 1);
    expect(log.lines).toEqual([
      { level: 'error', message: 'A subscriber of the event bus failed.' },
    ]);
  });

  test('keeps deployments apart by their prefix', async () => {
    const { bus: other } = await openBus({ prefix: 'other:' });
    const { bus } = await openBus();
    const channel = newChannel();
    const heard: string[] = [];
    await bus.subscribe(channel, (message) => void heard.push(message));
    await other.publish(channel, 'theirs');
    await bus.publish(channel, 'ours');
    await eventually('ours is heard', () => heard.length > 0);
    expect(heard).toEqual(['ours']);
  });
});

test('ioredis is not loaded by a program without Redis', async () => {
  const script = `
    await import('./src/services/platform/event-bus/redis.ts');
    await import('./src/services/platform/event-bus/in-process.ts');
    await import('./src/services/platform/event-log/streams.ts');
    const { createRequire } = await import('node:module');
    const loaded = Object.keys(createRequire(import.meta.url).cache);
    console.log(loaded.filter((file) => /ioredis|redis-subscriptions/.test(file)).length);`;
  const run = promisify(execFile);
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', script]);
  expect(stdout.trim()).toBe('0');
  // The same look finds it here, where it is loaded.
  const here = Object.keys(createRequire(import.meta.url).cache);
  expect(here.some((file) => file.includes('ioredis'))).toBe(true);
});
