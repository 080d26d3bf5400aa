import type { Database, Tx } from '../database.ts';
import { createLimiter } from '../limiter.ts';
import type { Timers } from '../timers.ts';
import type { Viewer } from '../viewer.ts';
import { StreamInterrupted } from './errors.ts';
import { createLogEnds, type LogEnd } from './log-ends.ts';
import { channelOf, type EventSource, type StoredEvent } from './stored-event.ts';

/** Why a stream cannot begin at its cursor. */
export type GapReason = 'TOO_OLD' | 'BEYOND_HEAD' | 'MALFORMED';

/**
 * Events may be missing: the reader should load the current state anew. After TOO_OLD the stream goes
 * on from the oldest event that is kept; after BEYOND_HEAD (a cursor of another database, or of one
 * since restored from a backup) and MALFORMED (below zero) from the head of the log.
 */
export interface Gap {
  readonly kind: 'gap';
  readonly reason: GapReason;
  /** The cursor's position. */
  readonly from: bigint;
  /** Position of the oldest event that is kept, of all topics; one past the head when there is none. */
  readonly oldest: bigint;
}

export interface PageRequest {
  readonly viewer: Viewer;
  readonly source: EventSource;
  readonly types: readonly string[];
  /** Read after this position; from the head when it is undefined. */
  readonly after: bigint | undefined;
  /** Asked before each new attempt: whether anybody still waits for the page. */
  readonly isWanted: () => boolean;
}

export interface LogPage {
  readonly gap: Gap | undefined;
  /** The position the page was read after: `after`, or where the stream goes on behind a gap. */
  readonly start: bigint;
  readonly events: readonly StoredEvent[];
  /** All that the viewer may see of the source, up to here, is in `events`. */
  readonly through: bigint;
  readonly isLast: boolean;
}

export interface LogReader {
  /**
   * One page of a source, as its viewer sees it. Tries again while the database is away.
   * @throws StreamInterrupted when it stays away
   */
  page(request: PageRequest): Promise<LogPage>;
}

export interface LogReaderPorts {
  readonly db: Database;
  readonly timers: Timers;
  readonly pageEvents: number;
  /** So that a thousand streams that catch up together leave connections to others. */
  readonly readsAtOnce: number;
}

const ATTEMPTS_MAX = 8;
const RETRY_MIN_MS = 100;
const RETRY_MAX_MS = 2_000;
const WAITING_MAX = 100_000;

export function createLogReader({
  db,
  timers,
  pageEvents,
  readsAtOnce,
}: LogReaderPorts): LogReader {
  const limiter = createLimiter({ runningMax: readsAtOnce, waitingMax: WAITING_MAX });
  const findEnd = createLogEnds(db);
  /** Most streams begin where their source ends, which many learn from one statement. */
  const read = async (request: PageRequest): Promise<LogPage> => {
    const end = await findEnd(channelOf(request.source));
    return (
      emptyPage(request.after, end) ??
      limiter.run(() =>
        // A copy: the database keeps a request's snapshot by the viewer's identity, and each page is to
        // see what was committed by now.
        db.snapshot({ ...request.viewer }, (tx) => readPage(tx, request, pageEvents)),
      )
    );
  };
  return {
    async page(request) {
      for (let attempt = 1; ; attempt += 1) {
        try {
          return await read(request);
        } catch (error) {
          if (attempt === ATTEMPTS_MAX || !request.isWanted()) throw new StreamInterrupted(error);
        }
        const delayMs = Math.min(RETRY_MIN_MS * 2 ** (attempt - 1), RETRY_MAX_MS);
        await new Promise<void>((resolve) => void timers.after(delayMs, resolve));
      }
    },
  };
}

/** What is behind `after` when nothing is; undefined when there may be something, or a gap. */
function emptyPage(after: bigint | undefined, { head, floor, last }: LogEnd): LogPage | undefined {
  const start = after ?? head;
  if (start < floor || start > head || start < last) return undefined;
  return { gap: undefined, start, events: [], through: head, isLast: true };
}

/** Rows of `event_head`. */
const HEAD_ROW = 1;
const FLOOR_ROW = 2;

/** The last position given, as the transaction of `tx` sees it. */
export async function readHead(tx: Tx): Promise<bigint> {
  const { position } = await tx.eventHead.findUniqueOrThrow({ where: { id: HEAD_ROW } });
  return position;
}

/** One page, of `limit` events at most, as the transaction of `tx` sees the log. */
export async function readPage(
  tx: Tx,
  request: Pick<PageRequest, 'source' | 'types' | 'after'>,
  limit: number,
): Promise<LogPage> {
  const { source, types, after } = request;
  const bounds = await tx.eventHead.findMany({ orderBy: { id: 'asc' } });
  const head = bounds.find(({ id }) => id === HEAD_ROW)?.position ?? 0n;
  const floor = bounds.find(({ id }) => id === FLOOR_ROW)?.position ?? 0n;
  const { start, gap } = place(after, head, floor);
  if (start === head) return { gap, start, events: [], through: head, isLast: true };

  const events = await tx.loggedEvent.findMany({
    where: { ...source, type: { in: [...types] }, position: { gt: start } },
    orderBy: { position: 'asc' },
    take: limit,
  });
  const last = events.at(-1);
  return events.length === limit && last
    ? { gap, start, events, through: last.position, isLast: false }
    : { gap, start, events, through: head, isLast: true };
}

/** Where a reader with the cursor `after` begins in a log that keeps (floor, head]. */
function place(
  after: bigint | undefined,
  head: bigint,
  floor: bigint,
): { start: bigint; gap: Gap | undefined } {
  if (after === undefined) return { start: head, gap: undefined };
  const gap = (reason: GapReason): Gap => ({
    kind: 'gap',
    reason,
    from: after,
    oldest: floor + 1n,
  });
  if (after < 0n) return { start: head, gap: gap('MALFORMED') };
  if (after > head) return { start: head, gap: gap('BEYOND_HEAD') };
  if (after < floor) return { start: floor, gap: gap('TOO_OLD') };
  return { start: after, gap: undefined };
}
