import type { Logger } from '../logger.ts';
import type { Unsubscribe } from './event-bus.ts';

/** The subscribers of this process, by channel. */
export interface Listeners {
  add(channel: string, listener: (message: string) => void): Unsubscribe;
  /** Calls the channel's listeners one after another; one that throws does not hurt the next. */
  tell(channel: string, message: string): void;
  has(channel: string): boolean;
  clear(): void;
}

export function createListeners(log: Logger): Listeners {
  // A wrapper for each subscription, so that one function subscribed twice counts as two.
  const byChannel = new Map<string, Set<{ readonly hear: (message: string) => void }>>();

  return {
    add(channel, listener) {
      const subscription = { hear: listener };
      const subscriptions = byChannel.get(channel) ?? new Set();
      byChannel.set(channel, subscriptions.add(subscription));
      return () => {
        subscriptions.delete(subscription);
        if (subscriptions.size === 0 && byChannel.get(channel) === subscriptions) {
          byChannel.delete(channel);
        }
      };
    },
    tell(channel, message) {
      for (const { hear } of byChannel.get(channel) ?? []) {
        try {
          hear(message);
        } catch (error) {
          log.error({ err: error, channel }, 'A subscriber of the event bus failed.');
        }
      }
    },
    has: (channel) => byChannel.has(channel),
    clear() {
      byChannel.clear();
    },
  };
}
