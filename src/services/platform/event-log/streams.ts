import type { Clock } from '../clock.ts';
import type { Database } from '../database.ts';
import { Forbidden } from '../errors.ts';
import type { EventBus } from '../event-bus/event-bus.ts';
import type { Logger } from '../logger.ts';
import { systemTimers, type Timers } from '../timers.ts';
import { anonymousViewer, type Viewer } from '../viewer.ts';
import { createConflatedStream, type FollowValue } from './conflated-stream.ts';
import { createDurableStream } from './durable-stream.ts';
import { createEventDecoder } from './event-message.ts';
import type { DurableItem } from './event-sequence.ts';
import { createHeadWatch } from './head-watch.ts';
import { createLogReader, readHead } from './log-reader.ts';
import type { StreamLife } from './reader-line.ts';
import { createStateFeed, type StateFeed } from './state-feed.ts';
import { createStateStream } from './state-stream.ts';
import { createStreamFlow, type StreamFlow } from './stream-flow.ts';
import type { EventSource } from './stored-event.ts';

export interface StreamsPorts {
  /** The server's: what a stream reads is under row-level security. */
  readonly db: Database;
  readonly bus: EventBus;
  readonly clock: Clock;
  readonly log: Logger;
  readonly limits: StreamLimits;
  readonly timers?: Timers;
}

export interface StreamLimits {
  /** How many live events may wait for the reader of a durable stream before it is ended. */
  readonly queueEvents: number;
  /** What these may come to in bytes. */
  readonly queueBytes?: number;
  /** How many events are read from the log at once. */
  readonly pageEvents?: number;
  /** How many streams of the process read the log at the same time. */
  readonly readsAtOnce?: number;
}

export interface DurableOptions {
  /** The types of events to deliver. */
  readonly types: readonly string[];
  /** Resume after this position; without it the stream begins at the head of the log. */
  readonly after?: bigint | undefined;
}

export interface Streams {
  /**
   * The events of a source that the viewer may read, each once and in order, resumable at the position
   * of any of them. If `after` cannot be resumed from, the first item is a gap that says why. The
   * stream begins with the first `next()`. Its reader gets SlowReader or StreamInterrupted, both
   * retryable, when it is too far behind or the log stays away.
   * @throws Forbidden for the events of another user
   */
  durable(
    viewer: Viewer,
    source: EventSource,
    options: DurableOptions,
  ): AsyncIterableIterator<DurableItem, undefined>;
  /** What comes on channels of the bus, read once for all streams of it; `parse` reads a message. */
  feed<Value>(keyOf: (value: Value) => string, parse: (message: string) => Value): StateFeed<Value>;
  /** The newest value of each key that comes on channels of a feed, at most four a second of a key. */
  state<Value>(
    feed: StateFeed<Value>,
    channels: readonly string[],
  ): AsyncIterableIterator<Value, undefined>;
  /**
   * A value of one person as it is, and again whenever it has changed, at most four times a second. It
   * waits while this process does not know the head of the log, and so of no revocation.
   */
  conflated<Value>(follow: FollowValue<Value>): AsyncIterableIterator<Value, undefined>;
  /** The last position given; with a viewer, as of the snapshot that is open for that object. */
  head(viewer?: Viewer): Promise<bigint>;
  /** For whoever is about to end the streams, and lets what waits in them be read before. */
  readonly flow: Pick<StreamFlow, 'hold' | 'isDry' | 'release'>;
  /** Ends every stream of the process; their readers see the end. */
  close(): Promise<void>;
}

const QUEUE_BYTES = 4 * 1024 * 1024;
const PAGE_EVENTS = 500;
const READS_AT_ONCE = 4;

export function createStreams(ports: StreamsPorts): Streams {
  const { db, bus, clock, log, limits, timers = systemTimers } = ports;
  const open = new Set<AsyncIterableIterator<unknown, undefined>>();
  const decode = createEventDecoder();
  const flow = createStreamFlow();
  const headAs = (viewer: Viewer): Promise<bigint> => db.snapshot(viewer, readHead);
  const head = createHeadWatch({
    bus,
    readHead: () => headAs(anonymousViewer()),
    clock,
    timers,
    log,
  });
  const reader = createLogReader({
    db,
    timers,
    pageEvents: limits.pageEvents ?? PAGE_EVENTS,
    readsAtOnce: limits.readsAtOnce ?? READS_AT_ONCE,
  });

  /** Keeps the stream that `create` makes among the open ones from its first `next()` to its end. */
  const keep = <Item>(
    create: (life: StreamLife) => AsyncIterableIterator<Item, undefined>,
  ): AsyncIterableIterator<Item, undefined> => {
    const stream = create({
      onBegin: () => void open.add(stream),
      onEnd: () => void open.delete(stream),
    });
    return stream;
  };

  return {
    durable(viewer, source, { types, after }) {
      if ('ownerId' in source && source.ownerId !== viewer.userId) throw new Forbidden();
      const { queueEvents, queueBytes = QUEUE_BYTES } = limits;
      return keep((life) =>
        createDurableStream({
          ...{ viewer, source, types, after, queueEvents, queueBytes },
          ...{ bus, decode, head, reader, timers, flow, life },
        }),
      );
    },
    feed: <Value>(keyOf: (value: Value) => string, parse: (message: string) => Value) =>
      createStateFeed({ keyOf, parse, bus, clock, timers }),
    state: <Value>(feed: StateFeed<Value>, channels: readonly string[]) =>
      keep((life) => createStateStream({ channels, feed, flow, life })),
    conflated: <Value>(follow: FollowValue<Value>) =>
      keep((life) => {
        const mayGive = () => head.isConfirmed() && !flow.isHeld;
        return createConflatedStream({ follow, clock, timers, mayGive, life });
      }),
    flow,
    head: (viewer = anonymousViewer()) => headAs(viewer),
    async close() {
      await Promise.all([...open].map(async (stream) => stream.return?.()));
    },
  };
}
