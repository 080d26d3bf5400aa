import { once } from 'node:events';
import type { Logger } from '../logger.ts';
import { systemTimers, type Timers } from '../timers.ts';
import type { EventBus } from './event-bus.ts';
import { createListeners } from './listeners.ts';
import { createRedisChannels } from './redis-channels.ts';
import { openRedisConnections } from './redis-connections.ts';
import { keepSubscribed, watchLink } from './redis-link.ts';

export interface RedisBusOptions {
  readonly url: string;
  readonly log: Logger;
  readonly timers?: Timers;
  /** Before each channel's name, so that two deployments can share one Redis. */
  readonly prefix?: string;
}

/**
 * The bus of many processes, over Redis. One connection subscribes for the whole process, and to a
 * channel once, however many local subscribers it has. Loads ioredis only here, so that a program
 * without Redis does not.
 */
export async function createRedisBus(options: RedisBusOptions): Promise<EventBus> {
  const { url, log, timers = systemTimers, prefix = 'tradegraph:' } = options;
  const connections = await openRedisConnections(url, log);
  const link = watchLink(connections.subscriber, timers);
  await watchLink(connections.publisher, timers).waitFor(once(connections.publisher, 'ready'));
  const { RedisPubSub } = await import('graphql-redis-subscriptions');
  const pubSub = new RedisPubSub({
    publisher: connections.publisher,
    subscriber: connections.subscriber,
    serializer: String,
    deserializer: String,
  });
  const listeners = createListeners(log);
  const gapListeners = new Set<{ readonly hear: () => void }>();
  const tellGap = (): void => {
    for (const { hear } of gapListeners) {
      try {
        hear();
      } catch (error) {
        log.error({ err: error }, 'A subscriber of the event bus failed at a gap.');
      }
    }
  };
  const channels = createRedisChannels({
    ...{ pubSub, listeners, link, log, timers, prefix },
    onLate: tellGap,
  });
  const stopWatching = keepSubscribed(connections.subscriber, channels.names, timers, tellGap);
  let isClosed = false;

  return {
    async publish(channel, message) {
      if (isClosed) return;
      await connections.publish(() => pubSub.publish(prefix + channel, message));
    },
    async subscribe(channel, onMessage) {
      if (isClosed) return () => undefined;
      const remove = listeners.add(channel, onMessage);
      await channels.open(channel);
      return () => {
        remove();
        channels.closeUnused(channel);
      };
    },
    onGap(listener) {
      const entry = { hear: listener };
      gapListeners.add(entry);
      return () => void gapListeners.delete(entry);
    },
    async close() {
      if (isClosed) return;
      isClosed = true;
      stopWatching();
      listeners.clear();
      gapListeners.clear();
      connections.close();
    },
  };
}
