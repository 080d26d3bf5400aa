import { createLimiter, LimiterFull } from '../../platform/limiter.ts';
import type { Logger } from '../../platform/logger.ts';
import { createSerialWork } from '../serial-work.ts';
import { isDead, isOpen } from './report-course.ts';
import type { BackFill } from './back-fill.ts';
import type { BrokerNews } from './broker.ts';
import type { BrokerSession } from './broker-sessions.ts';
import type { LostOrders } from './lost-orders.ts';
import type { Reconciler } from './reconciler.ts';
import type { VenueNews } from './venue-news.ts';

export interface FollowerPorts {
  readonly news: VenueNews;
  readonly backFill: BackFill;
  readonly lostOrders: LostOrders;
  readonly reconciler: Reconciler;
  readonly logger: Pick<Logger, 'warn' | 'error'>;
}

/** Keeps the books of one connection at where its venue is. */
export interface Follower {
  /** Looks after orders that are on their way. */
  look(): void;
  reconcile(): void;
  /** Listens no more; what is being written is finished. */
  close(): Promise<void>;
}

/** News that wait. When there are more they are dropped, and asked for instead. */
const WAITING_MAX = 1_000;

export function createFollower(
  { news, backFill, lostOrders, reconciler, logger }: FollowerPorts,
  session: BrokerSession,
): Follower {
  const { accountId } = session.connection;
  // One at a time, in the order in which they came: so each finds what the one before has written.
  const inTurn = createLimiter({ runningMax: 1, waitingMax: WAITING_MAX });
  const guarded = (work: () => Promise<void>, message: string) => async (): Promise<void> => {
    try {
      await work();
    } catch (err) {
      logger.error({ err, accountId }, message);
    }
  };
  const reconciling = createSerialWork(
    guarded(() => reconciler.reconcile(session), 'A broker could not be reconciled with.'),
  );
  const looking = createSerialWork(
    guarded(() => lostOrders.look(session), 'Orders on their way could not be looked after.'),
  );

  let isClosed = false;
  const reconcile = (): void => {
    if (!isClosed) reconciling.ask();
  };

  const write = async ({ report, fill }: BrokerNews): Promise<void> => {
    if (fill) await backFill.book(session, fill, report.clientOrderId);
    const order = await news.report(accountId, report);
    // News were missed, or come later: the list of fills has them.
    if (order && report.filledQuantity.greaterThan(order.filledQuantity)) reconcile();
    // It works there, and we have told its owner that it is over; or the news are old.
    if (order && isDead(order.status) && isOpen(report.status)) reconcile();
  };

  const hear = (item: BrokerNews): void => {
    inTurn
      .run(() => write(item))
      .catch((err: unknown) => {
        if (!(err instanceof LimiterFull)) {
          logger.error({ err, accountId }, 'News of a broker could not be written down.');
        }
        reconcile();
      });
  };

  const stop = session.broker.follow({
    onConnected: reconcile,
    onNews: hear,
    onTrouble: (err) => {
      logger.warn({ err, accountId }, 'The news of a broker are interrupted.');
    },
  });

  return {
    look: () => {
      if (!isClosed) looking.ask();
    },
    reconcile,
    async close() {
      isClosed = true;
      stop();
      await inTurn.run(() => Promise.resolve());
      await Promise.all([reconciling.rest(), looking.rest()]);
    },
  };
}
