import type { EventBus } from '../event-bus/event-bus.ts';
import type { LiveEvent } from './event-message.ts';
import type { HeadWatch } from './head-watch.ts';
import type { HeadOfSource } from './join.ts';
import { channelOf, type EventSource } from './stored-event.ts';

/** What one durable stream hears: the events of its source, and news of the head. */
export interface LiveFeed {
  /** Resolves when all that is published from now on is heard. */
  readonly ready: Promise<void>;
  close(): Promise<void>;
}

interface LiveFeedPorts {
  readonly source: EventSource;
  readonly bus: EventBus;
  readonly decode: (message: string) => LiveEvent;
  readonly head: HeadWatch;
}

export function openLiveFeed(
  { source, bus, decode, head }: LiveFeedPorts,
  onEvent: (event: LiveEvent) => void,
  onHead: (news: HeadOfSource) => void,
): LiveFeed {
  const channel = channelOf(source);
  const subscribed = bus.subscribe(channel, (message) => {
    onEvent(decode(message));
  });
  const joined = head.join(channel, onHead);
  return {
    ready: Promise.all([subscribed, joined.ready]).then(() => undefined),
    async close() {
      const [unsubscribe] = await Promise.all([subscribed, joined.leave()]);
      unsubscribe();
    },
  };
}
