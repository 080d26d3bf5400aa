import type { RedisPubSub } from 'graphql-redis-subscriptions';
import type { Logger } from '../logger.ts';
import type { Timers } from '../timers.ts';
import type { Listeners } from './listeners.ts';
import type { RedisLink } from './redis-link.ts';

interface ChannelPorts {
  readonly pubSub: RedisPubSub;
  readonly listeners: Listeners;
  readonly link: RedisLink;
  readonly log: Logger;
  readonly timers: Timers;
  readonly prefix: string;
  /** A channel that somebody did not wait for any longer has become real. */
  readonly onLate: () => void;
}

/** The channels of Redis that this process holds. */
export interface RedisChannels {
  /** Resolves when Redis has confirmed the channel, or is down, or does not answer in time. */
  open(channel: string): Promise<void>;
  /** Gives the channel back once nobody listens to it. */
  closeUnused(channel: string): void;
  /** Their names at Redis. */
  readonly names: () => readonly string[];
}

const RESUBSCRIBE_DELAY_MS = 1_000;

/**
 * RedisPubSub is given one subscription a channel: with many, one that is ended while Redis has not
 * answered yet would stay for ever.
 */
export function createRedisChannels(ports: ChannelPorts): RedisChannels {
  const { pubSub, listeners, link, log, timers, prefix, onLate } = ports;
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
    subscribed.then(onLate).catch(() => undefined);
  };

  return {
    async open(channel) {
      const subscribed = held.get(channel) ?? subscribe(channel);
      if (!(await link.waitFor(subscribed))) tellWhenReal(subscribed);
    },
    closeUnused(channel) {
      const subscribed = held.get(channel);
      if (!subscribed || listeners.has(channel)) return;
      held.delete(channel);
      subscribed.then((id) => pubSub.unsubscribe(id)).catch(() => undefined);
    },
    names: () => [...held.keys()].map((channel) => prefix + channel),
  };
}
