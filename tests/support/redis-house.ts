import { randomUUID } from 'node:crypto';
import { afterAll } from 'vitest';
import type { EventBus } from '../../src/services/platform/event-bus/event-bus.ts';
import { createRedisBus } from '../../src/services/platform/event-bus/redis.ts';
import { openRedisLink } from '../../src/services/platform/open-redis.ts';
import type { Timers } from '../../src/services/platform/timers.ts';
import { eventually } from './outbox.ts';
import { createSilentLogger } from './silent-logger.ts';

/** Buses over one Redis, under a prefix of the test file's own, closed after its last test. */
export function createRedisHouse(url: string) {
  const filePrefix = `test-${randomUUID()}:`;
  const opened: EventBus[] = [];
  const admin = openRedisLink(url, {});
  admin.on('error', () => undefined);
  afterAll(async () => {
    await Promise.all(opened.map((bus) => bus.close()));
    admin.disconnect();
  });

  const subscribersOf = async (channel: string): Promise<number> => {
    const [, count] = (await admin.pubsub('NUMSUB', filePrefix + channel)) as [string, number];
    return count;
  };
  return {
    /** As in a process of its own: with connections that it shares with nobody. */
    async openBus({ timers, prefix = filePrefix }: { timers?: Timers; prefix?: string } = {}) {
      const log = createSilentLogger();
      const bus = await createRedisBus({ url, log, prefix, ...(timers && { timers }) });
      opened.push(bus);
      return { bus, log };
    },
    /** How many connections Redis holds that have subscribed to the channel. */
    subscribersOf,
    untilSubscribers: (channel: string, count: number) =>
      eventually(
        `${channel} has ${count} subscribers`,
        async () => (await subscribersOf(channel)) === count,
      ),
  };
}
