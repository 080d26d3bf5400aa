import type { RedisPubSub } from 'graphql-redis-subscriptions';
import type { Logger } from '../logger.ts';
import { systemTimers, type Timers } from '../timers.ts';
import type { EventBus } from './event-bus.ts';
import { createListeners, type Listeners } from './listeners.ts';
import { openRedisConnections, type RedisConnections } from './redis-connections.ts';

export interface RedisBusOptions {
  readonly url: string;
  readonly log: Logger;
  readonly timers?: Timers;
  /** Before each channel's name, so that two deployments can share one Redis. */
  readonly prefix?: string;
}

/** How long the begin of something waits for a Redis that may be down. */
const CONFIRM_TIMEOUT_MS = 1_000;
const RESUBSCRIBE_DELAY_MS = 1_000;
const PING_INTERVAL_MS = 5_000;

/**
 * The bus of many processes, over Redis. One connection subscribes for the whole process, and to a
 * channel once, however many local subscribers it has. Loads ioredis only here, so that a program
 * without Redis does not.
 */
export async function createRedisBus(options: RedisBusOptions): Promise<EventBus> {
  const { url, log, timers = systemTimers, prefix = 'tradegraph:' } = options;
  const connections = await openRedisConnections(url, log);
  await untilReady(connections.publisher, timers);
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
  const channels = createChannels({ pubSub, listeners, log, timers, prefix, tellGap });
  const stopWatching = watchSubscriber(connections.subscriber, timers, tellGap);
  let isClosed = false;

  return {
    async publish(channel, message) {
      if (isClosed) return;
      await pubSub.publish(prefix + channel, message).catch(connections.publishingFailed);
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

/** Resolves once messages can be published, or when Redis does not answer in time. */
async function untilReady(publisher: RedisConnections['publisher'], timers: Timers): Promise<void> {
  if (publisher.status === 'ready') return;
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const cancel = timers.after(CONFIRM_TIMEOUT_MS, () => {
    resolve(undefined);
  });
  publisher.once('ready', () => {
    resolve(undefined);
  });
  await promise;
  cancel();
}

interface ChannelPorts {
  readonly pubSub: RedisPubSub;
  readonly listeners: Listeners;
  readonly log: Logger;
  readonly timers: Timers;
  readonly prefix: string;
  readonly tellGap: () => void;
}

/**
 * Which channels this process holds at Redis. RedisPubSub is given one subscription a channel: with
 * many, one that is ended while Redis has not answered yet would stay for ever.
 */
function createChannels({ pubSub, listeners, log, timers, prefix, tellGap }: ChannelPorts) {
  const held = new Map<string, Promise<number>>();

  const subscribe = (channel: string): Promise<number> => {
    const subscribed = pubSub.subscribe<string>(prefix + channel, (message) => {
      listeners.tell(channel, message);
    });
    held.set(channel, subscribed);
    subscribed.catch((error: unknown) => {
      if (held.get(channel) !== subscribed) return;
      held.delete(channel);
      if (!listeners.has(channel)) return;
      log.error({ err: error, channel }, 'Redis refused a subscription; trying again.');
      timers.after(RESUBSCRIBE_DELAY_MS, () => {
        if (listeners.has(channel) && !held.has(channel)) tellWhenReal(subscribe(channel));
      });
    });
    return subscribed;
  };
  const tellWhenReal = (subscribed: Promise<number>): void => {
    subscribed.then(tellGap).catch(() => undefined);
  };

  return {
    /** Resolves when Redis has confirmed the channel, or does not answer in time. */
    async open(channel: string): Promise<void> {
      const subscribed = held.get(channel) ?? subscribe(channel);
      const { promise: late, resolve } = Promise.withResolvers<'late'>();
      const cancel = timers.after(CONFIRM_TIMEOUT_MS, () => {
        resolve('late');
      });
      const outcome = await Promise.race([subscribed.catch(() => 'refused'), late]);
      cancel();
      if (outcome === 'late') tellWhenReal(subscribed);
    },
    /** Gives the channel back once nobody listens to it. */
    closeUnused(channel: string): void {
      const subscribed = held.get(channel);
      if (!subscribed || listeners.has(channel)) return;
      held.delete(channel);
      subscribed.then((id) => pubSub.unsubscribe(id)).catch(() => undefined);
    },
  };
}

/**
 * Tells of a gap each time the subscriber is connected again, after Redis has taken its channels back:
 * it answers in order, so the answer to a PING stands behind them. A PING now and then also finds a
 * connection that is dead and does not know it. Returns what stops it.
 */
function watchSubscriber(
  subscriber: RedisConnections['subscriber'],
  timers: Timers,
  tellGap: () => void,
): () => void {
  let wasReady = subscriber.status === 'ready';
  subscriber.on('ready', () => {
    const isAgain = wasReady;
    wasReady = true;
    if (isAgain)
      subscriber
        .ping()
        .then(tellGap)
        .catch(() => undefined);
  });

  let isAnswered = true;
  return timers.every(PING_INTERVAL_MS, () => {
    if (subscriber.status !== 'ready') {
      isAnswered = true;
      return;
    }
    if (!isAnswered) {
      isAnswered = true;
      subscriber.disconnect(true);
      return;
    }
    isAnswered = false;
    const heard = (): void => {
      isAnswered = true;
    };
    subscriber.ping().then(heard, heard);
  });
}
