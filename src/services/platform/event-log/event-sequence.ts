import { StreamInterrupted } from './errors.ts';
import type { LiveEvent } from './event-message.ts';
import { createJoin, type HeadOfSource, type Sequenced } from './join.ts';
import type { Gap, LogPage } from './log-reader.ts';
import type { EventSource, StoredEvent } from './stored-event.ts';

export type DurableItem = { readonly kind: 'event'; readonly event: StoredEvent } | Gap;

/** What a durable stream has to give to its reader, and what it must read from the log for that. */
export interface EventSequence {
  /** The log has to be read before more can be given. */
  readonly mustRead: boolean;
  /** Where to read it from; undefined for its head. */
  readonly readAfter: bigint | undefined;
  /** Until the log was read to its head for the first time. */
  readonly isReplaying: boolean;
  /** How many events came live and wait. */
  readonly liveCount: number;
  /** What these take. */
  readonly liveBytes: number;
  readonly hasNext: boolean;
  next(): DurableItem | undefined;
  /** Whether anything has changed for the reader. */
  hear(live: LiveEvent): boolean;
  head(news: HeadOfSource): void;
  /** @throws StreamInterrupted when the log begins anew under the reader, as after a restored backup */
  accept(page: LogPage): void;
  /** Forgets what cannot be given before the log is read, since it can be read there. */
  spill(): void;
  clear(): void;
}

export interface EventSequenceOptions {
  readonly source: EventSource;
  readonly after: bigint | undefined;
  /** Whether an event is for the reader. */
  readonly isWanted: (event: StoredEvent) => boolean;
}

/** An event with what it takes while it waits; nothing is counted for what was read from the log. */
interface Weighed extends Sequenced {
  readonly event: StoredEvent;
  readonly bytes: number;
}

/** Where the sequence stands until the first page says where it begins. */
const BEFORE_ALL = -1n;

export function createEventSequence(options: EventSequenceOptions): EventSequence {
  const { source, after, isWanted } = options;
  const join = createJoin<Weighed>(BEFORE_ALL);
  /** First what was read from the log, then what came live. */
  const ready: { readonly item: DurableItem; readonly bytes: number }[] = [];
  let replayedCount = 0;
  let hasBegun = false;
  let isReplaying = true;

  const keep = (event: StoredEvent, bytes: number): boolean =>
    isWanted(event) && ready.push({ item: { kind: 'event', event }, bytes }) > 0;
  const takeLive = (): void => {
    for (let next = join.next(); next; next = join.next()) keep(next.event, next.bytes);
  };

  return {
    get mustRead() {
      return isReplaying || join.mustRead;
    },
    get readAfter() {
      return hasBegun ? join.through : after;
    },
    get isReplaying() {
      return isReplaying;
    },
    get liveCount() {
      return ready.length - replayedCount + join.waitingCount;
    },
    get liveBytes() {
      return bytesOf([...ready.slice(replayedCount), ...join.waiting()]);
    },
    get hasNext() {
      return ready.length > 0;
    },
    next() {
      if (replayedCount > 0) replayedCount -= 1;
      return ready.shift()?.item;
    },
    hear({ event, bytes, ownerPreviousPosition }) {
      const previous = 'topic' in source ? event.previousPosition : ownerPreviousPosition;
      const linked = { event: { position: event.position, event, bytes }, previous };
      if (!isReplaying && join.pass(linked)) return keep(event, bytes);
      join.offer(linked);
      takeLive();
      return true;
    },
    head: (news) => {
      join.head(news);
    },
    accept(page) {
      if (page.gap) {
        if (hasBegun && page.gap.reason !== 'TOO_OLD') throw new StreamInterrupted(page.gap.reason);
        ready.push({ item: page.gap, bytes: 0 });
      }
      hasBegun = true;
      join.page([], page.start);
      const read = page.events.map((event) => ({ position: event.position, event, bytes: 0 }));
      for (const { event } of join.page(read, page.through)) {
        ready.push({ item: { kind: 'event', event }, bytes: 0 });
      }
      replayedCount = ready.length;
      if (page.isLast) isReplaying = false;
      takeLive();
    },
    spill: () => {
      join.spill();
    },
    clear() {
      ready.length = 0;
      join.spill();
    },
  };
}

function bytesOf(live: readonly { readonly bytes: number }[]): number {
  return live.reduce((sum, { bytes }) => sum + bytes, 0);
}
