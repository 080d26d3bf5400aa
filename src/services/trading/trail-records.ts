import type { Database } from '../platform/database.ts';
import type { Logger } from '../platform/logger.ts';
import { toText, ZERO } from '../platform/money.ts';
import { runOf, type Query } from '../platform/query.ts';
import { systemViewer } from '../platform/viewer.ts';
import type { OpenOrder } from './resting-orders.ts';

/**
 * Keeps on record how far trailing stops have come, so that a process that follows this one goes on
 * from there. They move with every quote; a record a second is enough to lose no more than that,
 * and the order that goes off is written down with its stop anyway.
 */
export interface TrailRecords {
  /**
   * Writes down what has moved. Asked again before that is over, it does nothing. Never rejects.
   */
  keep(moved: () => readonly OpenOrder[]): Promise<void>;
  /**
   * The same for the last time: after what is being written, also what has moved since. Never
   * rejects.
   */
  finish(moved: () => readonly OpenOrder[]): Promise<void>;
}

/** Orders of one statement. */
const AT_ONCE_MAX = 1_000;

/** In the order of ids, as all take the locks of orders. A stop never becomes looser by it. */
const KEEP = `WITH trailed AS (
    SELECT o.id, t.stop_price FROM orders o
      JOIN unnest($1::uuid[], $2::numeric[]) AS t (id, stop_price) ON t.id = o.id
    WHERE o.status = 'ACCEPTED' AND (o.stop_price IS NULL OR CASE o.side
      WHEN 'SELL' THEN o.stop_price < t.stop_price ELSE o.stop_price > t.stop_price END)
    ORDER BY o.id FOR UPDATE OF o
  )
  UPDATE orders o SET stop_price = trailed.stop_price FROM trailed WHERE o.id = trailed.id`;

export function createTrailRecords({
  workerDb,
  logger,
}: {
  readonly workerDb: Database;
  readonly logger: Pick<Logger, 'error'>;
}): TrailRecords {
  let inProgress: Promise<void> | undefined;
  /** What could not be written. */
  let left: readonly OpenOrder[] = [];

  const write = async (orders: readonly OpenOrder[]): Promise<void> => {
    for (let from = 0; from < orders.length; from += AT_ONCE_MAX) {
      left = orders.slice(from);
      const query = recordOf(left.slice(0, AT_ONCE_MAX));
      await workerDb.withViewer(systemViewer(), (tx) => runOf(tx, query));
    }
    left = [];
  };

  const writeMoved = async (moved: () => readonly OpenOrder[]): Promise<void> => {
    try {
      // A stop that trails by more than the price is none yet.
      const stops = [...newestOf(left, moved())];
      await write(stops.filter(({ stopPrice }) => stopPrice?.greaterThan(ZERO)));
    } catch (error) {
      logger.error({ err: error }, 'Trailing stops could not be written down.');
    }
  };

  return {
    async keep(moved) {
      if (inProgress) return;
      inProgress = writeMoved(moved);
      await inProgress;
      inProgress = undefined;
    },
    async finish(moved) {
      await inProgress;
      await writeMoved(moved);
    },
  };
}

function recordOf(orders: readonly OpenOrder[]): Query {
  const stops = orders.map(({ stopPrice }) => stopPrice && toText(stopPrice));
  return { text: KEEP, values: [orders.map(({ id }) => id), stops] };
}

/** Each order once, as it was seen last. */
function newestOf(...lists: readonly (readonly OpenOrder[])[]): Iterable<OpenOrder> {
  return new Map(lists.flat().map((order) => [order.id, order])).values();
}
