import { z } from 'zod';
import { applyWrites } from '../../platform/writes.ts';
import { systemViewer } from '../../platform/viewer.ts';
import { lockAccount, lockOpenPosition } from '../../portfolio/locks.ts';
import { courseOf, writesOf, type OrderCourse } from '../order-course.ts';
import { lockOrder } from '../order-rows.ts';
import { settleFeeElsewhere } from './fees-elsewhere.ts';
import { bookFill } from './fill-course.ts';
import { followReport } from './report-course.ts';
import { trimReserves } from './reserve-trim.ts';
import { curbSuccessor, succeed, successionOf } from './succession.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Database, Tx } from '../../platform/database.ts';
import type { Account, Instrument, Order } from '../../platform/prisma/client.ts';
import type { Booking } from '../../portfolio/booking.ts';
import type { BrokerFill, OrderReport } from './broker.ts';

export interface VenueNewsPorts {
  readonly workerDb: Database;
  readonly booking: Pick<Booking, 'prepare'>;
  readonly clock: Clock;
}

/** One of our orders, by the broker's id or by ours, which is the client order id there. */
export interface OrderName {
  readonly accountId: string;
  readonly brokerOrderId: string | null;
  readonly clientOrderId: string | null;
}

/**
 * What came of a fill. `KNOWN`: it was booked before; `BESIDE`: it is a trade of no order of ours.
 */
export type FillResult = 'KNOWN' | 'BOOKED' | 'BESIDE';

/**
 * Writes what a venue tells into our books, each thing once, however often and in which order it is
 * told.
 */
export interface VenueNews {
  /** Takes our order to where it is there. Answers with it; undefined when it is not ours. */
  report(accountId: string, report: OrderReport): Promise<Order | undefined>;
  fill(
    accountId: string,
    fill: BrokerFill,
    known: {
      readonly instrument: Instrument;
      /** What its fee was taken of, where that is something else. */
      readonly feeInstrument?: Instrument | undefined;
      readonly clientOrderId: string | null;
    },
  ): Promise<FillResult>;
  /** Changes one of our orders by what we learned ourselves. Undefined when it is gone. */
  change(
    order: Pick<Order, 'id' | 'accountId'>,
    next: (course: OrderCourse, now: Date) => OrderCourse,
  ): Promise<Order | undefined>;
}

export function createVenueNews({ workerDb, booking, clock }: VenueNewsPorts): VenueNews {
  const write = <T>(work: (tx: Tx) => Promise<T>): Promise<T> =>
    workerDb.withViewer(systemViewer(), work);

  return {
    report: (accountId, report) =>
      write(async (tx) => {
        const found = await lockOurs(tx, { accountId, ...report });
        if (!found?.order) return undefined;
        const order = await nameOrder(tx, found.order, report.brokerOrderId);
        const course = courseOf(found.account, order);
        const succession = await successionOf(tx, order, report);
        if (succession === 'UNDECIDED') return order;
        const now = clock.now();
        const followed = succession
          ? await succeed(tx, course, { by: succession.by, now })
          : followReport(course, report, now);
        const next = at(report.time, followed);
        await applyWrites(tx, writesOf(next));
        return next.order;
      }),

    fill: (accountId, told, { instrument, feeInstrument, clientOrderId }) =>
      write(async (tx) => {
        const { brokerOrderId, brokerTradeId } = told;
        const found = await lockOurs(tx, { accountId, brokerOrderId, clientOrderId });
        if (!found) throw new Error(`There is no account ${accountId}.`);
        const where = { accountId, brokerTradeId };
        if ((await tx.trade.count({ where })) > 0) return 'KNOWN';
        const { account } = found;
        const order = found.order && (await nameOrder(tx, found.order, brokerOrderId));
        const position = await lockOpenPosition(tx, { accountId, instrumentId: instrument.id });
        const { fill, pay } = await settleFeeElsewhere(tx, told, { accountId, feeInstrument });
        const { _max: last } = await tx.trade.aggregate({
          where: { accountId, instrumentId: instrument.id },
          _max: { executedAt: true },
        });
        const before = order && courseOf(account, order);
        const { trades, course } = bookFill(booking, fill, {
          ...{ account, course: before, position, instrument },
          ...{ lastTradeAt: last.executedAt, now: clock.now() },
        });
        for (const { writes } of trades) await applyWrites(tx, writes);
        const isOurs = course !== undefined && course !== before;
        if (isOurs) {
          await applyWrites(tx, writesOf(at(fill.executedAt, course)));
          await curbSuccessor(tx, course.order, { quantity: fill.quantity, now: clock.now() });
        }
        await pay?.(booking);
        await trimReserves(tx, accountId, clock.now());
        return isOurs ? 'BOOKED' : 'BESIDE';
      }),

    change: ({ id, accountId }, next) =>
      write(async (tx) => {
        const account = await lockAccount(tx, accountId);
        const order = await lockOrder(tx, id);
        if (!account || !order) return undefined;
        const course = next(courseOf(account, order), clock.now());
        await applyWrites(tx, writesOf(course));
        return course.order;
      }),
  };
}

const uuid = z.uuid();

/**
 * Locks the account, and our order that is meant, if there is one; undefined without the account.
 */
async function lockOurs(
  tx: Tx,
  { accountId, brokerOrderId, clientOrderId }: OrderName,
): Promise<{ readonly account: Account; readonly order: Order | undefined } | undefined> {
  const account = await lockAccount(tx, accountId);
  if (!account) return undefined;
  const names = [
    ...(brokerOrderId === null ? [] : [{ brokerOrderId }]),
    ...(uuid.safeParse(clientOrderId).success ? [{ id: clientOrderId ?? '' }] : []),
  ];
  const found = await tx.order.findFirst({
    where: { accountId, OR: names },
    select: { id: true },
  });
  return { account, order: found ? await lockOrder(tx, found.id) : undefined };
}

/** Keeps the broker's id of an order the first time that it is told. */
async function nameOrder(tx: Tx, order: Order, brokerOrderId: string): Promise<Order> {
  if (order.brokerOrderId !== null) return order;
  await tx.order.update({ where: { id: order.id }, data: { brokerOrderId } });
  return { ...order, brokerOrderId };
}

/** The same with the venue's own time of it in the order's history. */
function at(time: Date, course: OrderCourse): OrderCourse {
  const changes = course.changes.map((line) => ({
    ...line,
    change: { ...line.change, occurredAt: time },
  }));
  return { ...course, changes };
}
