import { Decimal, minorUnitOf, toBookedCash, toText, ZERO } from '../../platform/money.ts';
import { systemViewer } from '../../platform/viewer.ts';
import { WORKING } from '../engine/order-state.ts';
import { venueSymbol } from './venue-symbols.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Database } from '../../platform/database.ts';
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

export function createReconciler(ports: ReconcilerPorts): Reconciler {
  const { workerDb, backFill, lostOrders, discrepancies, clock } = ports;
  return {
    async reconcile(session) {
      const { accountId } = session.connection;
      await lostOrders.look(session);
      const ofOrders = await reconcileOrders(ports, session);
      const ofBooks = await compareBooks(ports, session);
      // In the middle of trading nothing can be said: the next time will do.
      if (ofBooks) await discrepancies.settle(session.connection, [...ofOrders, ...ofBooks]);
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
): Promise<Finding[]> {
  const { accountId } = session.connection;
  // First what was filled, so that the end of an order comes after its fills.
  await backFill.read(session);
  const open = await session.broker.openOrders();
  const foreign: Finding[] = [];
  for (const report of open) {
    if (!(await news.report(accountId, report))) foreign.push(foreignOrder(report));
  }
  const isOpen = new Set(open.map(({ brokerOrderId }) => brokerOrderId));
  const orders = await workingOrders(workerDb, accountId);
  const gone: Finding[] = [];
  const reports = [...open];
  for (const order of orders) {
    if (order.brokerOrderId === null || isOpen.has(order.brokerOrderId)) continue;
    const { report } = await lostOrders.ask(session, order);
    if (report) reports.push(report);
    else gone.push(missingOrder(order));
  }
  await backFill.read(session);
  return [...foreign, ...gone, ...(await lessFilled(workerDb, accountId, reports))];
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

const missingOrder = ({ id, status }: OrderWithSymbol): Finding => ({
  kind: 'ORDER',
  subject: id,
  ours: status,
  theirs: 'none',
});

/**
 * What cash and positions differ by, at a moment in which nothing was filled; undefined when there was no
 * such moment.
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

const ourBooks = (workerDb: Database, accountId: string) =>
  workerDb.snapshot(systemViewer(), async (tx) => ({
    account: await tx.account.findUniqueOrThrow({ where: { id: accountId } }),
    fillCount: await tx.trade.count({ where: { accountId } }),
    positions: await tx.position.findMany({
      where: { accountId, closedAt: null },
      select: { quantity: true, instrument: { select: { symbol: true } } },
    }),
  }));

function cashFindings(
  { account, fillCount }: Awaited<ReturnType<typeof ourBooks>>,
  cash: Decimal,
): readonly Finding[] {
  const theirs = toBookedCash(cash, account.currency);
  // Each trade is booked to the nearest unit; a venue may keep more digits.
  const rounding = minorUnitOf(account.currency).times(fillCount + 1);
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
