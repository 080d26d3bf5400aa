import type { Database, Tx } from '../platform/database.ts';
import { readPage, type Gap } from '../platform/event-log/log-reader.ts';
import type { StoredEvent } from '../platform/event-log/stored-event.ts';
import type { Streams } from '../platform/event-log/streams.ts';
import { requireUser, type Viewer } from '../platform/viewer.ts';
import { toOwnEvent, type OwnEvent, type OwnEvents } from './own-events.ts';

/** Reads the payload of each type of event that is told, by the type's name. */
export type EventKinds<Row> = Readonly<
  Record<string, (payload: unknown, event: StoredEvent) => Row>
>;

export interface ViewerEventsPage<Row> {
  /** First a gap, if the cursor is too old or none of this log; then events in order. */
  readonly items: readonly (OwnEvent<Row> | Gap)[];
  /** Go on behind it: nothing of the viewer's lies between the items and it. */
  readonly cursor: bigint;
  /** Whether there is more behind the cursor. */
  readonly hasMore: boolean;
}

/**
 * Everything that happens to what is the viewer's own, across accounts and models, in one order.
 */
export interface ViewerEvents<Row> {
  /**
   * Live, each event once, resumable; ends as {@link OwnEvents} do. Without `after` the latest one
   * comes first, if there is one.
   */
  follow(viewer: Viewer, after: bigint | undefined): AsyncIterableIterator<OwnEvent<Row> | Gap>;
  /**
   * Up to `first` events behind `after`, or from the oldest that is kept, as of the viewer's
   * snapshot. Throws Unauthenticated for nobody.
   */
  page(
    viewer: Viewer,
    asked: { readonly after: bigint | undefined; readonly first: number },
  ): Promise<ViewerEventsPage<Row>>;
  /**
   * The head of the log in the viewer's snapshot. What the events up to it did is in what that
   * snapshot shows. It may show more: of an event that was committed and had no position yet, the
   * effect is seen first, and the event comes behind this cursor. So none is lost to who resumes
   * here, and one may tell what was seen already.
   */
  asOf(viewer: Viewer): Promise<bigint>;
}

export function createViewerEvents<Row>({
  db,
  streams,
  ownEvents,
  kinds,
}: {
  readonly db: Database;
  readonly streams: Pick<Streams, 'head'>;
  readonly ownEvents: Pick<OwnEvents, 'follow'>;
  readonly kinds: EventKinds<Row>;
}): ViewerEvents<Row> {
  const types = Object.keys(kinds);
  const parse = (payload: unknown, event: StoredEvent): Row => {
    const read = kinds[event.type];
    if (!read) throw new Error(`Nobody reads events of the type ${event.type}.`);
    return read(payload, event);
  };
  /** By the viewer of one request, whose parts may all ask; an older head is as good. */
  const heads = new WeakMap<Viewer, Promise<bigint>>();

  return {
    follow: (viewer, after) =>
      ownEvents.follow<Row>(viewer, {
        ...{ types, parse, after },
        async begin(reader) {
          const { userId } = requireUser(reader);
          return {
            async current() {
              const latest = await db.snapshot(reader, (tx) => readLatest(tx, userId, types));
              return latest ? [toOwnEvent(latest, parse)] : [];
            },
          };
        },
      }),

    async page(viewer, { after, first }) {
      const source = { ownerId: requireUser(viewer).userId };
      const page = await db.snapshot(viewer, (tx) =>
        readPage(tx, { source, types, after: after ?? 0n }, first),
      );
      const events = page.events.map((event) => toOwnEvent(event, parse));
      const isGapTold = page.gap !== undefined && after !== undefined;
      return {
        items: isGapTold ? [page.gap, ...events] : events,
        cursor: page.through,
        hasMore: !page.isLast,
      };
    },

    asOf(viewer) {
      const known = heads.get(viewer);
      if (known) return known;
      const head = streams.head(viewer);
      heads.set(viewer, head);
      return head;
    },
  };
}

async function readLatest(
  tx: Tx,
  ownerId: string,
  types: readonly string[],
): Promise<StoredEvent | undefined> {
  const where = { ownerId, type: { in: [...types] } };
  return (await tx.loggedEvent.findFirst({ where, orderBy: { position: 'desc' } })) ?? undefined;
}
