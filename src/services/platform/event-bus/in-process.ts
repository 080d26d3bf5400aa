import type { Logger } from '../logger.ts';
import type { EventBus } from './event-bus.ts';
import { createListeners } from './listeners.ts';

/** The bus of a single process: a message has reached every subscriber when `publish` returns. */
export function createInProcessBus({ log }: { readonly log: Logger }): EventBus {
  const listeners = createListeners(log);
  let isClosed = false;
  return {
    async publish(channel, message) {
      listeners.tell(channel, message);
    },
    async subscribe(channel, onMessage) {
      return isClosed ? () => undefined : listeners.add(channel, onMessage);
    },
    // Nothing stands between publisher and subscriber, so nothing is ever missed.
    onGap: () => () => undefined,
    async close() {
      isClosed = true;
      listeners.clear();
    },
  };
}
