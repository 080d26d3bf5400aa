import { systemViewer } from '../../platform/viewer.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Database } from '../../platform/database.ts';
import type { Logger } from '../../platform/logger.ts';
import type { Order } from '../../platform/prisma/client.ts';
import type { Timers } from '../../platform/timers.ts';
import { end } from '../order-course.ts';
import { BrokerBusy, BrokerRefused, BrokerUnreachable } from './errors.ts';
import { missingPermission, type MissingPermission } from './live-permission.ts';
import { refuseAtVenue, step, type Reason } from './report-course.ts';
import { lookAtStanding, standingOf } from './standing-orders.ts';
import { venueSymbol } from './venue-symbols.ts';
import type { BrokerOrder, OrderReport } from './broker.ts';
import type { BrokerSession, BrokerSessions } from './broker-sessions.ts';
import type { VenueNews } from './venue-news.ts';

export interface SubmissionPorts {
  readonly workerDb: Database;
  readonly sessions: BrokerSessions;
  readonly news: VenueNews;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly logger: Pick<Logger, 'error'>;
  /** Whether the deployment trades real money. */
  readonly isLiveTrading: boolean;
}

export interface Submissions {
  /**
   * Sends an order that is PENDING, unless another has taken it to send. Answers with what became
   * of it; undefined when there is nothing to tell. Never rejects.
   */
  send(order: Pick<Order, 'id' | 'accountId'>): Promise<Order | undefined>;
}

/** Older than this, an order that was never sent stays unsent: the market has moved on. */
const TOO_OLD_MS = 30_000;
/** How long one that the venue is too busy for is tried again. */
export const BUSY_MAX_MS = 20_000;
/** Why an order that its owner canceled meanwhile is not sent any more. */
const UNSENT = 'CANCELED_UNSENT';

/**
 * Sends orders to venues. Who moves an order to SUBMITTED is the only one who may send it: so it is
 * sent once at most, whatever dies in between (docs/decisions/2026-11-21-brokers.md).
 */
export function createSubmissions(ports: SubmissionPorts): Submissions {
  const { workerDb, sessions, news, logger } = ports;

  const submit = async (session: BrokerSession, order: Order): Promise<Order | undefined> => {
    const request = await requestOf(workerDb, session, order);
    const standing = await standingOf(workerDb, order, request);
    const report = await patiently(ports, order, () =>
      standing ? session.broker.replace(standing, request) : session.broker.submit(request),
    );
    return news.report(order.accountId, report);
  };

  /** A venue refuses what it has already: then it is there. */
  const findThere = async (
    { broker, connection }: BrokerSession,
    order: Order,
  ): Promise<OrderReport | null> => {
    const symbol = venueSymbol(connection, await symbolOf(workerDb, order));
    // It is not traded there, and was not sent.
    if (symbol === undefined) return null;
    return broker.findByClientOrderId({ clientOrderId: order.id, symbol });
  };

  /**
   * An order that the venue says it refused. When it cannot say whether it has it, nobody knows.
   */
  const refused = async (
    session: BrokerSession,
    order: Order,
    error: BrokerRefused,
  ): Promise<Order | undefined> => {
    const there = await findThere(session, order);
    if (there) return news.report(order.accountId, there);
    const reason = { code: error.reasonCode, message: error.message };
    return news.change(order, (course, now) =>
      // Its owner ended it, and not the venue.
      error.reasonCode === UNSENT && course.order.status === 'CANCEL_PENDING'
        ? end(course, { by: 'canceled', now })
        : refuseAtVenue(course, reason, now),
    );
  };

  /** Says what became of an order that did not arrive, as far as anybody knows. */
  const fail = async (
    session: BrokerSession,
    order: Order,
    error: unknown,
  ): Promise<Order | undefined> => {
    let reason = error;
    if (error instanceof BrokerRefused) {
      try {
        return await refused(session, order, error);
      } catch (unanswered) {
        reason = unanswered;
      }
    }
    if (!(reason instanceof BrokerUnreachable || reason instanceof BrokerBusy)) {
      logger.error({ err: reason, orderId: order.id }, 'An order may or may not have been sent.');
    }
    return news.change(order, (course, now) =>
      course.order.status === 'SUBMITTED' ? step(course, { type: 'timedOut' }, now) : course,
    );
  };

  return {
    async send(wanted) {
      try {
        const session = await sessions.of(wanted.accountId);
        const order = await claim(ports, wanted, session);
        if (order?.status !== 'SUBMITTED') return order;
        const sending = submit(session, order);
        const sent = await sending.catch((error: unknown) => fail(session, order, error));
        if (order.replacesId === null) return sent;
        await lookAtStanding(ports, session, order);
        // What it holds back may be otherwise by now.
        return undefined;
      } catch (error) {
        // It stays where it is, and is looked for: nothing is sent twice.
        logger.error({ err: error, orderId: wanted.id }, 'An order could not be sent.');
        return undefined;
      }
    },
  };
}

/**
 * Takes an order to send it. Undefined when another has taken it; it has ended when it is too late.
 */
async function claim(
  { news, isLiveTrading }: SubmissionPorts,
  wanted: Pick<Order, 'id' | 'accountId'>,
  { connection }: BrokerSession,
): Promise<Order | undefined> {
  const claimed: Order[] = [];
  await news.change(wanted, (course, now) => {
    const { status, createdAt } = course.order;
    if (status !== 'PENDING') return course;
    const missing = missingPermission(connection, isLiveTrading);
    const reason = reasonNotToSend(missing, now.getTime() - createdAt.getTime());
    const next = reason
      ? end(course, { by: 'canceled', now, reason })
      : step(course, { type: 'submitted' }, now);
    claimed.push(next.order);
    return next;
  });
  return claimed.at(-1);
}

function reasonNotToSend(
  missing: MissingPermission | undefined,
  ageMs: number,
): Reason | undefined {
  if (missing) {
    const message = `Trading real money is off for the ${missing.toLowerCase()}.`;
    return { code: 'LIVE_TRADING_DISABLED', message };
  }
  if (ageMs < TOO_OLD_MS) return undefined;
  return { code: 'NOT_SENT', message: 'It could not be sent in time.' };
}

/**
 * Tries again while the venue is busy, which has taken nothing then, and the order is still to be
 * sent.
 */
async function patiently(
  { workerDb, clock, timers }: SubmissionPorts,
  { id }: Order,
  work: () => Promise<OrderReport>,
): Promise<OrderReport> {
  const deadline = clock.now().getTime() + BUSY_MAX_MS;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof BrokerBusy)) throw error;
      const { retryAfterMs, code, message } = error;
      if (clock.now().getTime() + retryAfterMs > deadline) throw new BrokerRefused(code, message);
      await new Promise<void>((resolve) => {
        timers.after(retryAfterMs, resolve);
      });
    }
    const order = await workerDb.snapshot(systemViewer(), (tx) =>
      tx.order.findUniqueOrThrow({ where: { id }, select: { status: true } }),
    );
    if (order.status === 'SUBMITTED') continue;
    throw new BrokerRefused(UNSENT, 'It was canceled before it was sent.');
  }
}

async function requestOf(
  workerDb: Database,
  { connection }: BrokerSession,
  order: Order,
): Promise<BrokerOrder> {
  const symbol = venueSymbol(connection, await symbolOf(workerDb, order));
  if (symbol === undefined) {
    throw new BrokerRefused('INSTRUMENT_NOT_TRADABLE', 'It is traded elsewhere.');
  }
  if (order.orderClass !== 'SIMPLE') {
    throw new BrokerRefused('UNSUPPORTED_TERMS', 'Groups of orders are not sent to brokers.');
  }
  return { ...order, clientOrderId: order.id, symbol };
}

async function symbolOf(workerDb: Database, { instrumentId: id }: Order): Promise<string> {
  const { symbol } = await workerDb.snapshot(systemViewer(), (tx) =>
    tx.instrument.findUniqueOrThrow({ where: { id }, select: { symbol: true } }),
  );
  return symbol;
}
