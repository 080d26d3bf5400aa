import type { EventBus } from '../event-bus/event-bus.ts';
import type { Timers } from '../timers.ts';
import type { Viewer } from '../viewer.ts';
import { SlowReader } from './errors.ts';
import type { LiveEvent } from './event-message.ts';
import type { StoredEvent } from './stored-event.ts';
import { createEventSequence, type DurableItem, type EventSequence } from './event-sequence.ts';
import type { HeadWatch } from './head-watch.ts';
import { openLiveFeed, type LiveFeed } from './live-feed.ts';
import type { LogReader } from './log-reader.ts';
import { createReaderLine, type ReaderLine, type StreamLife } from './reader-line.ts';
import type { StreamFlow } from './stream-flow.ts';
import type { EventSource } from './stored-event.ts';

export interface DurableStreamOptions {
  readonly viewer: Viewer;
  readonly source: EventSource;
  readonly types: readonly string[];
  /** Begin after this position; at the head of the log when it is undefined. */
  readonly after: bigint | undefined;
  /** How many live events may wait for the reader, and of how many bytes. */
  readonly queueEvents: number;
  readonly queueBytes: number;
  readonly bus: EventBus;
  readonly decode: (message: string) => LiveEvent;
  readonly head: HeadWatch;
  readonly reader: LogReader;
  readonly timers: Timers;
  readonly flow: StreamFlow;
  readonly life: StreamLife;
}

/** Between two reads of a log that does not hold yet what the bus has told of. */
const REREAD_MS = 100;

/**
 * The events of a source, each once and in order of position: from the log after `after`, then live,
 * and from the log again whenever something was missed. Nothing is read or subscribed before the first
 * `next()`. Ends with SlowReader when too much waits, with StreamInterrupted when the log stays away.
 */
export function createDurableStream(
  options: DurableStreamOptions,
): AsyncIterableIterator<DurableItem, undefined> {
  const { viewer, source, types, after, reader, head, timers, flow, life } = options;
  const sequence = createEventSequence({ source, after, isWanted: wantedBy(viewer, types) });
  let feed: LiveFeed | undefined;
  let isReading = false;
  let isPumping = false;
  let leaveFlow = (): void => undefined;

  const line = createReaderLine<DurableItem>({
    onAsk() {
      wake();
    },
    async onEnd() {
      life.onEnd();
      leaveFlow();
      sequence.clear();
      await feed?.close();
    },
  });

  const giveReady = createGiver(line, sequence, head);

  /** The reader has asked, or something has come. */
  const wake = (): void => {
    if (isPumping || !line.isWaiting()) return;
    giveReady();
    if (!feed || (line.isWaiting() && sequence.mustRead)) void pump();
  };

  const hear = (live: LiveEvent): void => {
    if (line.isEnded() || flow.isHeld) return;
    if (!sequence.hear(live)) return;
    wake();
    if (isTooMuch(sequence, options, isReading)) line.end(new SlowReader(options));
  };

  const begin = async (): Promise<void> => {
    life.onBegin();
    leaveFlow = flow.join(sequence);
    feed = openLiveFeed(options, hear, (news) => {
      if (!flow.isHeld) sequence.head(news);
      wake();
    });
    await feed.ready;
  };

  const read = async (): Promise<void> => {
    const isWanted = () => !line.isEnded();
    isReading = true;
    const confirm = head.reading();
    const page = await reader.page({ viewer, source, types, after: sequence.readAfter, isWanted });
    isReading = false;
    if (line.isEnded()) return;
    confirm();
    sequence.accept(page);
    if (page.isLast && sequence.mustRead) await pause(timers, REREAD_MS);
  };

  /** Begins, and reads the log as far as the reader waits for it; what comes later wakes it again. */
  const pump = async (): Promise<void> => {
    if (isPumping) return;
    isPumping = true;
    try {
      if (!feed) await begin();
      giveReady();
      while (line.isWaiting() && !sequence.hasNext && sequence.mustRead && !flow.isHeld) {
        await read();
        giveReady();
      }
    } catch (error) {
      line.end(error);
    } finally {
      isPumping = false;
    }
  };

  return line.iterator;
}

/**
 * Gives the reader what it waits for, while there is something and the head of the log is known. One who
 * asks while it is given gets the next from the same loop, however much there is.
 */
function createGiver(
  line: ReaderLine<DurableItem>,
  sequence: EventSequence,
  head: Pick<HeadWatch, 'isConfirmed'>,
): () => void {
  let isGiving = false;
  return () => {
    if (isGiving) return;
    isGiving = true;
    while (line.isWaiting() && sequence.hasNext && head.isConfirmed()) {
      const item = sequence.next();
      if (item) line.give(item);
    }
    isGiving = false;
  };
}

/** The bus knows no walls: what row-level security hides in the log is left out here. */
function wantedBy(viewer: Viewer, types: readonly string[]) {
  const wanted = new Set(types);
  return ({ type, ownerId }: Pick<StoredEvent, 'type' | 'ownerId'>): boolean =>
    wanted.has(type) && (ownerId === null || ownerId === viewer.userId);
}

/**
 * Whether more waits than may. A reader that catches up from the log is behind by nature, and finds there
 * what is dropped here.
 */
function isTooMuch(
  sequence: EventSequence,
  options: DurableStreamOptions,
  isReading: boolean,
): boolean {
  if (!holdsMoreThan(sequence, options)) return false;
  if (isReading || sequence.isReplaying) sequence.spill();
  return holdsMoreThan(sequence, options);
}

/** One event alone may be larger than all that may wait. */
function holdsMoreThan(
  sequence: EventSequence,
  { queueEvents, queueBytes }: Pick<DurableStreamOptions, 'queueEvents' | 'queueBytes'>,
): boolean {
  const { liveCount } = sequence;
  return liveCount > queueEvents || (liveCount > 1 && sequence.liveBytes > queueBytes);
}

function pause(timers: Timers, durationMs: number): Promise<void> {
  return new Promise((resolve) => void timers.after(durationMs, resolve));
}
