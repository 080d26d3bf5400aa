import type { Clock } from '../clock.ts';
import type { EventBus, Unsubscribe } from '../event-bus/event-bus.ts';
import type { Timers } from '../timers.ts';
import { createLatestValues } from './latest-values.ts';
import { createReaderLine, type StreamLife } from './reader-line.ts';

export interface StateStreamOptions<Value> {
  readonly channels: readonly string[];
  readonly keyOf: (value: Value) => string;
  /** Reads a message of the bus. */
  readonly parse: (message: string) => Value;
  readonly bus: EventBus;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly life: StreamLife;
}

/** Four a second. */
const INTERVAL_MS = 250;
const KEYS_MAX = 10_000;

/**
 * The newest value of each key that comes on the channels, for as quick as the reader reads, and at
 * most four a second of a key. Nothing is subscribed before the first `next()`.
 */
export function createStateStream<Value>(
  options: StateStreamOptions<Value>,
): AsyncIterableIterator<Value, undefined> {
  const { channels, keyOf, parse, bus, clock, timers, life } = options;
  const values = createLatestValues<Value>({ intervalMs: INTERVAL_MS, keysMax: KEYS_MAX });
  let subscribed: Promise<Unsubscribe[]> | undefined;
  let cancelTimer: (() => void) | undefined;
  const nowMs = (): number => clock.now().getTime();

  const line = createReaderLine<Value>({
    onAsk() {
      subscribed ??= subscribe();
      pump();
    },
    async onEnd() {
      life.onEnd();
      cancelTimer?.();
      for (const unsubscribe of (await subscribed) ?? []) unsubscribe();
    },
  });

  const subscribe = (): Promise<Unsubscribe[]> => {
    life.onBegin();
    const all = Promise.all([...new Set(channels)].map((name) => bus.subscribe(name, hear)));
    all.catch((error: unknown) => {
      line.end(error);
    });
    return all;
  };

  const hear = (message: string): void => {
    if (line.isEnded()) return;
    const value = parse(message);
    values.put(keyOf(value), value, nowMs());
    pump();
  };

  /** Gives what may be given to a reader who waits, and sees to it that it is called again in time. */
  const pump = (): void => {
    cancelTimer?.();
    cancelTimer = undefined;
    while (line.isWaiting()) {
      const dueMs = values.dueInMs(nowMs());
      if (dueMs === undefined) return;
      if (dueMs > 0) {
        cancelTimer = timers.after(dueMs, pump);
        return;
      }
      const value = values.take(nowMs());
      if (value !== undefined) line.give(value);
    }
  };

  return line.iterator;
}
