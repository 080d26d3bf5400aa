import type { Clock } from '../clock.ts';
import type { EventBus, Unsubscribe } from '../event-bus/event-bus.ts';
import type { Timers } from '../timers.ts';
import { createLatestValues, type LatestValues } from './latest-values.ts';

/**
 * Values of one kind that come on channels of the bus. Each message is read once and held back once,
 * however many follow its channel: they get the same object, which nobody may change.
 */
export interface StateFeed<Value> {
  readonly keyOf: (value: Value) => string;
  /** Calls `onValue` with the newest of each key, at most four a second of a key. */
  follow(channel: string, onValue: (value: Value) => void): Promise<Unsubscribe>;
}

export interface StateFeedOptions<Value> {
  readonly keyOf: (value: Value) => string;
  /** Reads a message of the bus. */
  readonly parse: (message: string) => Value;
  readonly bus: Pick<EventBus, 'subscribe'>;
  readonly clock: Clock;
  readonly timers: Timers;
}

interface Channel<Value> {
  readonly followers: Set<{ readonly hear: (value: Value) => void }>;
  readonly values: LatestValues<Value>;
  readonly subscribed: Promise<Unsubscribe>;
  cancelTimer: (() => void) | undefined;
}

/** Four a second. */
const INTERVAL_MS = 250;
const KEYS_MAX = 10_000;

export function createStateFeed<Value>(options: StateFeedOptions<Value>): StateFeed<Value> {
  const { keyOf, parse, bus, clock, timers } = options;
  const channels = new Map<string, Channel<Value>>();
  const nowMs = (): number => clock.now().getTime();

  /** Tells what may be told now, and sees to it that it is called again in time. */
  const pump = (channel: Channel<Value>): void => {
    channel.cancelTimer?.();
    channel.cancelTimer = undefined;
    for (;;) {
      const dueMs = channel.values.dueInMs(nowMs());
      if (dueMs === undefined) return;
      if (dueMs > 0) {
        channel.cancelTimer = timers.after(dueMs, () => {
          pump(channel);
        });
        return;
      }
      const value = channel.values.take(nowMs());
      if (value !== undefined) for (const { hear } of channel.followers) hear(value);
    }
  };

  const open = (name: string): Channel<Value> => {
    const channel: Channel<Value> = {
      followers: new Set(),
      values: createLatestValues<Value>({ intervalMs: INTERVAL_MS, keysMax: KEYS_MAX }),
      subscribed: bus.subscribe(name, (message) => {
        const value = parse(message);
        channel.values.put(keyOf(value), value, nowMs());
        pump(channel);
      }),
      cancelTimer: undefined,
    };
    channels.set(name, channel);
    return channel;
  };

  const leave = async (name: string, channel: Channel<Value>): Promise<void> => {
    if (channel.followers.size > 0 || channels.get(name) !== channel) return;
    channels.delete(name);
    channel.cancelTimer?.();
    (await channel.subscribed)();
  };

  return {
    keyOf,
    async follow(name, onValue) {
      const channel = channels.get(name) ?? open(name);
      const follower = { hear: onValue };
      channel.followers.add(follower);
      const unfollow = (): void => {
        if (!channel.followers.delete(follower)) return;
        // A subscription that failed is gone already.
        leave(name, channel).catch(() => undefined);
      };
      try {
        await channel.subscribed;
      } catch (error) {
        unfollow();
        throw error;
      }
      return unfollow;
    },
  };
}
