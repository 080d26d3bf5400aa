import type { Unsubscribe } from '../event-bus/event-bus.ts';
import type { DirectIterator } from '../direct-iterator.ts';
import { createLatestValues } from './latest-values.ts';
import { createReaderLine, type StreamLife } from './reader-line.ts';
import type { StateFeed } from './state-feed.ts';
import type { StreamFlow } from './stream-flow.ts';

export interface StateStreamOptions<Value> {
  readonly channels: readonly string[];
  readonly feed: StateFeed<Value>;
  readonly flow: Pick<StreamFlow, 'isHeld'>;
  readonly life: StreamLife;
}

const KEYS_MAX = 10_000;
/** Time does not matter here: the feed holds back what comes too often. */
const NOW = { intervalMs: 0, ms: 0 } as const;

/**
 * The newest value of each key that comes on the channels, for as quick as the reader reads: what waits
 * for a slow one is replaced by what comes after it. Nothing is followed before the first `next()`.
 */
export function createStateStream<Value>({
  channels,
  feed,
  flow,
  life,
}: StateStreamOptions<Value>): DirectIterator<Value> {
  const values = createLatestValues<Value>({ intervalMs: NOW.intervalMs, keysMax: KEYS_MAX });
  let followed: Promise<Unsubscribe[]> | undefined;

  const line = createReaderLine<Value>({
    onAsk() {
      followed ??= follow();
      while (line.isWaiting()) {
        const value = values.take(NOW.ms);
        if (value === undefined) return;
        line.give(value);
      }
    },
    async onEnd() {
      life.onEnd();
      for (const unfollow of (await followed) ?? []) unfollow();
    },
  });

  const follow = (): Promise<Unsubscribe[]> => {
    life.onBegin();
    const all = Promise.all([...new Set(channels)].map((name) => feed.follow(name, hear)));
    all.catch((error: unknown) => {
      line.end(error);
    });
    return all;
  };

  const hear = (value: Value): void => {
    if (line.isEnded() || flow.isHeld) return;
    // Whoever waits has taken all that came before.
    if (line.isWaiting()) line.give(value);
    else values.put(feed.keyOf(value), value, NOW.ms);
  };

  return line.iterator;
}
