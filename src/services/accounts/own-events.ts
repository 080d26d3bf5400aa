import type { Database } from '../platform/database.ts';
import type { Gap } from '../platform/event-log/log-reader.ts';
import type { StoredEvent } from '../platform/event-log/stored-event.ts';
import type { Streams } from '../platform/event-log/streams.ts';
import { createLimiter } from '../platform/limiter.ts';
import { mapStream, openLater } from '../platform/live-iterator.ts';
import { isOnPaper } from '../platform/owner-filter.ts';
import { requireUser, type Viewer } from '../platform/viewer.ts';
import { ENDING_EVENTS, refuseRevoked } from './revoked.ts';

/** An event with the row that it tells of. */
export interface OwnEvent<Row> {
  readonly kind: 'event';
  /** Resume after it. */
  readonly cursor: bigint;
  readonly occurredAt: Date;
  readonly row: Row;
}

export type OwnItem<Row> = OwnEvent<Row> | Gap;

export interface OwnFeed<Row> {
  readonly types: readonly string[];
  readonly parse: (payload: unknown, event: StoredEvent) => Row;
  /** Resume after this position. Without it the current state comes first. */
  readonly after: bigint | undefined;
  /**
   * Called once at the first `next()`: which topic to follow (all of the viewer's when undefined),
   * and how to read the current state. `reader` sees one state of the database, of which `head` is
   * the head of the log.
   */
  readonly begin: (reader: Viewer, head: bigint) => Promise<FeedBeginning<Row>>;
}

export interface FeedBeginning<Row> {
  readonly topic?: string | undefined;
  readonly current: () => Promise<readonly OwnEvent<Row>[]>;
}

/**
 * A viewer's own events. They end with Revoked where the session ended or the person changed: all
 * events of a person have one order, so nothing is delivered that came after.
 */
export interface OwnEvents {
  follow<Row>(viewer: Viewer, feed: OwnFeed<Row>): AsyncIterableIterator<OwnItem<Row>>;
  /**
   * Delivers nothing; ends with Revoked. `goodUpTo`: when the session was last found to be good.
   */
  watch(viewer: Viewer, goodUpTo: bigint): AsyncIterableIterator<never>;
}

/** So that a thousand streams that begin together leave connections to others. */
const BEGINNING_MAX = 4;
const WAITING_MAX = 100_000;

export function createOwnEvents({
  db,
  streams,
}: {
  readonly db: Database;
  readonly streams: Streams;
}): OwnEvents {
  const beginnings = createLimiter({ runningMax: BEGINNING_MAX, waitingMax: WAITING_MAX });
  const guarded = (
    viewer: Viewer,
    { types, after, goodUpTo }: { types: readonly string[]; after: bigint; goodUpTo: bigint },
  ): AsyncIterableIterator<Gap | StoredEvent> => {
    const self = requireUser(viewer);
    const watched = [...types, ...ENDING_EVENTS];
    const source = { ownerId: self.userId };
    return mapStream(streams.durable(viewer, source, { types: watched, after }), (item) => {
      if (item.kind === 'gap') return item;
      const { event } = item;
      if (event.position > goodUpTo) refuseRevoked(self, event);
      if (!isOnPaper(self)) return event;
      return isInLog(db, self, event).then((isThere) => (isThere ? event : undefined));
    });
  };

  return {
    follow(viewer, { types, parse, after, begin }) {
      const open = async () => {
        const reader = { ...viewer };
        db.beginSnapshot(reader);
        try {
          const head = await streams.head(reader);
          const { topic, current } = await begin(reader, head);
          const isWanted = (event: StoredEvent) =>
            types.includes(event.type) && (topic === undefined || event.topic === topic);
          const events = guarded(viewer, { types, after: after ?? head, goodUpTo: head });
          return {
            first: after === undefined ? await current() : [],
            rest: mapStream(events, (item) => {
              if ('kind' in item) return item;
              return isWanted(item) ? toOwnEvent(item, parse) : undefined;
            }),
          };
        } finally {
          await db.endSnapshot(reader);
        }
      };
      return openLater(() => beginnings.run(open));
    },
    watch: (viewer, goodUpTo) =>
      mapStream<Gap | StoredEvent, never>(
        guarded(viewer, { types: [], after: goodUpTo, goodUpTo }),
        () => undefined,
      ),
  };
}

export function toOwnEvent<Row>(
  event: StoredEvent,
  parse: (payload: unknown, event: StoredEvent) => Row,
): OwnEvent<Row> {
  const { position, occurredAt, payload } = event;
  return { kind: 'event', cursor: position, occurredAt, row: parse(payload, event) };
}

/**
 * Whether the viewer finds the event in the log. What comes live has passed no row-level security,
 * which keeps the news of other accounts from a key for tests.
 */
async function isInLog(db: Database, viewer: Viewer, { position }: StoredEvent): Promise<boolean> {
  const found = await db.snapshot({ ...viewer }, (tx) =>
    tx.loggedEvent.findFirst({ where: { position }, select: { position: true } }),
  );
  return found !== null;
}
