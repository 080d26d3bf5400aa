import { systemViewer } from '../../platform/viewer.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Database } from '../../platform/database.ts';
import type { Order } from '../../platform/prisma/client.ts';
import type { OrderStatus } from '../../platform/prisma/enums.ts';
import { BrokerRefused } from './errors.ts';
import { keepWorking, refuseAtVenue } from './report-course.ts';
import { lookAtStanding } from './standing-orders.ts';
import { BUSY_MAX_MS, type Submissions } from './submissions.ts';
import { venueSymbol } from './venue-symbols.ts';
import type { OrderReport } from './broker.ts';
import type { BrokerSession } from './broker-sessions.ts';
import type { VenueNews } from './venue-news.ts';

export interface LostOrdersPorts {
  readonly workerDb: Database;
  readonly news: VenueNews;
  readonly submissions: Submissions;
  readonly clock: Clock;
  /** Between the two looks after which an order that is not found never arrived. */
  readonly graceMs?: number;
}

export interface LostOrders {
  /**
   * Looks after the orders of a connection that are on their way: to be sent, asked for, or ended.
   */
  look(session: BrokerSession): Promise<void>;
  /** Asks a venue to end an order that is CANCEL_PENDING, and writes down what it says. */
  cancel(session: BrokerSession, order: Order): Promise<Order | undefined>;
  /** Asks a venue how an order is, and writes that down. */
  ask(session: BrokerSession, order: OrderWithSymbol): Promise<Answer>;
}

export type OrderWithSymbol = Order & { readonly instrument: { readonly symbol: string } };

interface Answer {
  /** Null when the venue has no such order. */
  readonly report: OrderReport | null;
  /** As we have it then. */
  readonly order: Order | undefined;
}

/** Whoever sends it is given this long before somebody else does. */
const UNSENT_MS = 2_000;
/** Whoever has sent it knows more, for as long as it may try and wait for the answer. */
const UNANSWERED_MS = BUSY_MAX_MS + 40_000;
const GRACE_MS = 10_000;
const AT_ONCE_MAX = 500;
const ON_THEIR_WAY: readonly OrderStatus[] = ['PENDING', 'SUBMITTED', 'UNKNOWN', 'CANCEL_PENDING'];

export function createLostOrders(ports: LostOrdersPorts): LostOrders {
  const { workerDb, news, submissions, clock } = ports;
  const ask = createAsking(ports);
  const ageOf = (time: Date): number => clock.now().getTime() - time.getTime();

  const cancel = async (
    session: BrokerSession,
    order: OrderWithSymbol,
  ): Promise<Order | undefined> => {
    const { report, order: known } = await ask(session, order);
    if (!report || known?.status !== 'CANCEL_PENDING') return known;
    try {
      await session.broker.cancel(report);
    } catch (error) {
      if (!(error instanceof BrokerRefused)) throw error;
      // Too late, or not now: what the order is says which.
      const { order: after } = await ask(session, order);
      return after && news.change(after, keepWorking);
    }
    return (await ask(session, order)).order;
  };

  const lookAfter = async (session: BrokerSession, order: OrderWithSymbol): Promise<void> => {
    const { status, updatedAt, orderClass } = order;
    if (status === 'PENDING' && orderClass === 'SIMPLE' && ageOf(updatedAt) >= UNSENT_MS) {
      await submissions.send(order);
    }
    const isUnanswered = status === 'SUBMITTED' && ageOf(updatedAt) >= UNANSWERED_MS;
    if (isUnanswered || status === 'UNKNOWN') {
      const { report } = await ask(session, order);
      // Now that it is known to be there, so is what it took the place of.
      if (report) await lookAtStanding(ports, session, order);
    }
    if (status === 'CANCEL_PENDING') await cancel(session, order);
  };

  return {
    ask,
    async look(session) {
      const { accountId } = session.connection;
      const orders = await workerDb.snapshot(systemViewer(), (tx) =>
        tx.order.findMany({
          where: { accountId, status: { in: [...ON_THEIR_WAY] } },
          include: { instrument: { select: { symbol: true } } },
          orderBy: { createdAt: 'asc' },
          take: AT_ONCE_MAX,
        }),
      );
      for (const order of orders) await lookAfter(session, order);
    },

    async cancel(session, order) {
      const instrument = await workerDb.snapshot(systemViewer(), (tx) =>
        tx.instrument.findUniqueOrThrow({ where: { id: order.instrumentId } }),
      );
      return cancel(session, { ...order, instrument });
    },
  };
}

function createAsking({
  news,
  clock,
  graceMs = GRACE_MS,
}: Pick<LostOrdersPorts, 'news' | 'clock' | 'graceMs'>): LostOrders['ask'] {
  /** When an order was first not found. */
  const missedAt = new Map<string, number>();

  const miss = async (order: Order): Promise<Order | undefined> => {
    const now = clock.now().getTime();
    // It may be on its way still, while whoever sends it has not given up.
    const isAnswered = order.status === 'UNKNOWN' || order.brokerOrderId !== null;
    if (!isAnswered && now - order.createdAt.getTime() < UNANSWERED_MS) return order;
    const first = missedAt.get(order.id) ?? now;
    missedAt.set(order.id, first);
    if (first === now || now - first < graceMs) return order;
    missedAt.delete(order.id);
    // What it had once is not rejected because it forgets it: the reconciler flags that.
    if (order.brokerOrderId !== null) return order;
    const reason = { code: 'NEVER_ARRIVED', message: 'The broker never had it.' };
    return news.change(order, (course, time) => refuseAtVenue(course, reason, time));
  };

  return async ({ broker, connection }, order) => {
    const symbol = venueSymbol(connection, order.instrument.symbol) ?? '';
    const { brokerOrderId } = order;
    const report =
      brokerOrderId === null
        ? await broker.findByClientOrderId({ clientOrderId: order.id, symbol })
        : await broker.find({ brokerOrderId, symbol });
    if (!report) return { report, order: await miss(order) };
    missedAt.delete(order.id);
    return { report, order: await news.report(order.accountId, report) };
  };
}
