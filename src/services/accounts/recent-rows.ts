import type { Clock } from '../platform/clock.ts';
import type { Database } from '../platform/database.ts';
import type { EventBus, Unsubscribe } from '../platform/event-bus/event-bus.ts';
import type { Soon } from '../platform/soon.ts';
import { topicOf } from './events.ts';

/** A row that is void as soon as something about its person changes. */
interface OfPerson {
  readonly userId: string;
}

/**
 * Rows that say who bears a token or a key, so that the database is not asked with every request.
 * One is forgotten at the next event about its person, at every write about people in this process,
 * and after two seconds whatever happens: nobody who was shut out is let in for longer, even where
 * no event arrives. See docs/decisions, "who calls is remembered for two seconds".
 */
export interface RecentRows {
  /** The same read, by a key that is text, answered from memory where that is still good. */
  remember<Row extends OfPerson>(
    read: (key: string) => Promise<Row | undefined>,
  ): (key: string) => Soon<Row | undefined>;
  /** The same database; whoever writes to it makes all rows be read anew. */
  forgottenBy(db: Database): Database;
}

interface Remembered<Row> {
  readonly leave: () => void;
  /** Whether the events about its person are heard; nothing is kept before. */
  isHeard: boolean;
  /** How many of them came. */
  changes: number;
  kept?: { readonly row: Row; readonly readMs: number; readonly epoch: number } | undefined;
}

const GOOD_MS = 2_000;
/** Each has a subscription on the bus. */
const REMEMBERED_MAX = 10_000;

export function createRecentRows({
  bus,
  clock,
}: {
  readonly bus: Pick<EventBus, 'subscribe' | 'onGap'>;
  readonly clock: Clock;
}): RecentRows {
  /** What was kept in an earlier one is void. */
  let epoch = 0;
  bus.onGap(() => (epoch += 1));

  const listen = <Row>(userId: string): Remembered<Row> => {
    const hear = (): void => {
      remembered.changes += 1;
      remembered.kept = undefined;
    };
    const subscribed = bus.subscribe(topicOf(userId), hear);
    const remembered: Remembered<Row> = {
      isHeard: false,
      changes: 0,
      leave: () => void subscribed.then((unsubscribe: Unsubscribe) => unsubscribe(), ignore),
    };
    subscribed.then(() => (remembered.isHeard = true), ignore);
    return remembered;
  };

  return {
    remember<Row extends OfPerson>(read: (key: string) => Promise<Row | undefined>) {
      const all = new Map<string, Remembered<Row>>();
      const forget = (key: string): void => {
        all.get(key)?.leave();
        all.delete(key);
      };
      const readAnew = async (key: string, nowMs: number): Promise<Row | undefined> => {
        const known = all.get(key);
        const before = { epoch, changes: known?.changes, isHeard: known?.isHeard };
        const row = await read(key);
        if (!row) forget(key);
        else if (!known) {
          const [oldest] = all.keys();
          if (all.size >= REMEMBERED_MAX && oldest !== undefined) forget(oldest);
          if (!all.has(key)) all.set(key, listen(row.userId));
        } else if (before.isHeard && before.epoch === epoch && before.changes === known.changes) {
          known.kept = { row, readMs: nowMs, epoch };
        }
        return row;
      };
      return (key) => {
        const nowMs = clock.now().getTime();
        const kept = all.get(key)?.kept;
        const ageMs = kept ? nowMs - kept.readMs : NaN;
        // A clock that was set back says nothing of how old it is.
        const isGood = kept?.epoch === epoch && ageMs >= 0 && ageMs < GOOD_MS;
        return isGood ? kept.row : readAnew(key, nowMs);
      };
    },

    forgottenBy: (db) => ({
      ...db,
      async withViewer(viewer, work) {
        try {
          return await db.withViewer(viewer, work);
        } finally {
          // Also of one that failed: its COMMIT may have arrived.
          epoch += 1;
        }
      },
    }),
  };
}

/** A bus that cannot be heard is one that nothing is kept by. */
const ignore = (): void => undefined;
