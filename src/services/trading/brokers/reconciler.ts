import { Decimal, minorUnitOf, toBookedCash, toText, ZERO } from '../../platform/money.ts';
import { systemViewer } from '../../platform/viewer.ts';
import { isWorking, WORKING } from '../engine/order-state.ts';
import { BrokerRefused } from './errors.ts';
import { isDead, isOpen } from './report-course.ts';
import { venueSymbol } from './venue-symbols.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Database } from '../../platform/database.ts';
import type { Account, Order } from '../../platform/prisma/client.ts';
import type { BackFill } from './back-fill.ts';
import type { OrderReport } from './broker.ts';
import type { BrokerSession } from './broker-sessions.ts';
import type { Discrepancies, Finding } from './discrepancies.ts';
import type { LostOrders, OrderWithSymbol } from './lost-orders.ts';
import type { VenueNews } from './venue-news.ts';

export interface ReconcilerPorts {
  readonly workerDb: Database;
  readonly news: VenueNews;
  readonly backFill: BackFill;
  readonly lostOrders: LostOrders;
  readonly discrepancies: Discrepancies;
  readonly clock: Clock;
}

export interface Reconciler {
  /** Brings our books to where the venue's are, and flags what still disagrees then. */
  reconcile(session: BrokerSession): Promise<void>;
}

/** Looks at the books of a venue that trades meanwhile. */
const LOOKS_MAX = 3;
const ORDERS_MAX = 2_000;
/** However many trades there were, more than half a unit for so many is no matter of rounding. */
const ROUNDINGS_MAX = 100;

export function createReconciler(ports: ReconcilerPorts): Reconciler {
  const { workerDb, backFill, lostOrders, discrepancies, clock } = ports;
  return {
    async reconcile(session) {
      const { accountId } = session.connection;
      await lostOrders.look(session);
      const { findings, revenants } = await reconcileOrders(ports, session);
      const ofBooks = await compareBooks(ports, session);
      // In the middle of trading nothing can be said: the next time will do.
      if (ofBooks) await discrepancies.settle(session.connection, [...findings, ...ofBooks]);
      for (const report of revenants) await endAtVenue(session, report);
      await backFill.read(session);
      await workerDb.withViewer(systemViewer(), (tx) =>
        tx.brokerConnection.updateMany({
          where: { accountId },
          data: { reconciledAt: clock.now() },
        }),
      );
    },
  };
}

/** Orders that work here, or there, brought up to date one by one; what remains is told. */
async function reconcileOrders(
  { workerDb, news, backFill, lostOrders }: ReconcilerPorts,
  session: BrokerSession,
): Promise<{ readonly findings: readonly Finding[]; readonly revenants: readonly OrderReport[] }> {
  const { accountId } = session.connection;
  // First what was filled, so that the end of an order comes after its fills.
  await backFill.read(session);
  const open = await session.broker.openOrders();
  const disputed: Finding[] = [];
  const revenants: OrderReport[] = [];
  for (const report of open) {
    const order = await news.report(accountId, report);
    if (!order) disputed.push(foreignOrder(report));
    if (!order || isWorking(order.status)) continue;
    // It may have ended at both since the list was read.
    const newest = await session.broker.find(report);
    if (!newest || !isOpen(newest.status)) continue;
    disputed.push(workingOrder(order, newest));
    if (isDead(order.status)) revenants.push(newest);
  }
  const openIds = new Set(open.map(({ brokerOrderId }) => brokerOrderId));
  const orders = await workingOrders(workerDb, accountId);
  const gone: Finding[] = [];
  const reports = [...open];
  for (const order of orders) {
    if (order.brokerOrderId === null || openIds.has(order.brokerOrderId)) continue;
    const { report } = await lostOrders.ask(session, order);
    if (report) reports.push(report);
    else gone.push(missingOrder(order));
  }
  await backFill.read(session);
  const unfilled = (await lessFilled(workerDb, accountId, reports)).filter(
    ({ subject }) => !disputed.some((finding) => finding.subject === subject),
  );
  return { findings: [...disputed, ...gone, ...unfilled], revenants };
}

/**
 * Asks a venue to end an order that its owner was told is over: nobody watches over it, and no cash
 * is held back for it. What comes of that the next look tells.
 */
async function endAtVenue({ broker }: BrokerSession, report: OrderReport): Promise<void> {
  try {
    await broker.cancel(report);
  } catch (error) {
    // Too late, or not now.
    if (!(error instanceof BrokerRefused)) throw error;
  }
}

/** Orders of which the venue has filled more than all of its fills tell. */
async function lessFilled(
  workerDb: Database,
  accountId: string,
  reports: readonly OrderReport[],
): Promise<Finding[]> {
  const ids = reports.map(({ brokerOrderId }) => brokerOrderId);
  const orders = await workerDb.snapshot(systemViewer(), (tx) =>
    tx.order.findMany({ where: { accountId, brokerOrderId: { in: ids } } }),
  );
  const byId = new Map(orders.map((order) => [order.brokerOrderId, order]));
  return reports.flatMap(({ brokerOrderId, filledQuantity: theirs }) => {
    const order = byId.get(brokerOrderId);
    if (!order || theirs.lessThanOrEqualTo(order.filledQuantity)) return [];
    const ours = `${toText(order.filledQuantity)} filled`;
    return [{ kind: 'ORDER', subject: order.id, ours, theirs: `${toText(theirs)} filled` }];
  });
}

const workingOrders = (workerDb: Database, accountId: string): Promise<OrderWithSymbol[]> =>
  workerDb.snapshot(systemViewer(), (tx) =>
    tx.order.findMany({
      where: { accountId, status: { in: [...WORKING] } },
      include: { instrument: { select: { symbol: true } } },
      orderBy: { createdAt: 'asc' },
      take: ORDERS_MAX,
    }),
  );

const foreignOrder = ({ brokerOrderId, status }: OrderReport): Finding => ({
  kind: 'ORDER',
  subject: brokerOrderId,
  ours: 'none',
  theirs: status,
});

const workingOrder = ({ id, status }: Order, { status: theirs }: OrderReport): Finding => ({
  kind: 'ORDER',
  subject: id,
  ours: status,
  theirs,
});

const missingOrder = ({ id, status }: OrderWithSymbol): Finding => ({
  kind: 'ORDER',
  subject: id,
  ours: status,
  theirs: 'none',
});

/**
 * What cash and positions differ by, at a moment in which nothing was filled; undefined when there
 * was no such moment.
 */
async function compareBooks(
  { workerDb, backFill }: ReconcilerPorts,
  session: BrokerSession,
): Promise<Finding[] | undefined> {
  const { broker, connection } = session;
  for (let look = 0; look < LOOKS_MAX; look += 1) {
    const before = await broker.newestFill();
    await backFill.read(session);
    const [positions, cash] = [await broker.positions(), await broker.cash()];
    const ours = await ourBooks(workerDb, connection.accountId);
    if ((await broker.newestFill()) !== before) continue;
    const held = new Map(positions.map(({ symbol, quantity }) => [symbol, quantity]));
    return [
      ...cashFindings(ours, cash),
      ...positionFindings(
        new Map(
          ours.positions.map(({ instrument, quantity }) => [
            venueSymbol(connection, instrument.symbol) ?? instrument.symbol,
            quantity,
          ]),
        ),
        held,
      ),
    ];
  }
  return undefined;
}

interface OurCash {
  readonly account: Pick<Account, 'currency' | 'cash'>;
  /** How many trades that cash comes of. */
  readonly fillCount: number;
}

const ourBooks = (workerDb: Database, accountId: string) =>
  workerDb.snapshot(systemViewer(), async (tx) => ({
    account: await tx.account.findUniqueOrThrow({ where: { id: accountId } }),
    fillCount: await tx.trade.count({ where: { accountId } }),
    positions: await tx.position.findMany({
      where: { accountId, closedAt: null },
      select: { quantity: true, instrument: { select: { symbol: true } } },
    }),
  }));

/** What cash differs by, beyond what rounding explains. */
export function cashFindings({ account, fillCount }: OurCash, cash: Decimal): readonly Finding[] {
  const theirs = toBookedCash(cash, account.currency);
  // Each trade is booked to the nearest unit; a venue may keep more digits.
  const count = Math.min(fillCount + 1, ROUNDINGS_MAX);
  const rounding = minorUnitOf(account.currency).times(count);
  if (theirs.minus(account.cash).abs().lessThanOrEqualTo(rounding.dividedBy(2))) return [];
  const { currency: subject } = account;
  return [{ kind: 'CASH', subject, ours: toText(account.cash), theirs: toText(theirs) }];
}

function positionFindings(
  ours: ReadonlyMap<string, Decimal>,
  theirs: ReadonlyMap<string, Decimal>,
): readonly Finding[] {
  const symbols = [...new Set([...ours.keys(), ...theirs.keys()])].sort();
  return symbols.flatMap((subject) => {
    const [mine, there] = [ours.get(subject) ?? ZERO, theirs.get(subject) ?? ZERO];
    if (new Decimal(mine).equals(there)) return [];
    return [{ kind: 'POSITION' as const, subject, ours: toText(mine), theirs: toText(there) }];
  });
}
