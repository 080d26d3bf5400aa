import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, vi } from 'vitest';
import { createAudit } from '../../../../src/services/audit/audit.ts';
import { createQuoteBook } from '../../../../src/services/market/quote-book.ts';
import type { Order } from '../../../../src/services/platform/prisma/client.ts';
import { systemTimers } from '../../../../src/services/platform/timers.ts';
import type { Viewer } from '../../../../src/services/platform/viewer.ts';
import { auditLedger } from '../../../../src/services/portfolio/ledger-audit.ts';
import { createBrokerConnections } from '../../../../src/services/trading/brokers/broker-connections.ts';
import {
  createBrokerDesk,
  type BrokerDeskPorts,
} from '../../../../src/services/trading/brokers/broker-desk.ts';
import { createBrokerQuotes } from '../../../../src/services/trading/brokers/broker-quotes.ts';
import { createOrderPreviews } from '../../../../src/services/trading/order-preview.ts';
import { createOrders } from '../../../../src/services/trading/orders.ts';
import type { PlaceOrder } from '../../../../src/services/trading/placement.ts';
import { createTestDatabase } from '../../../support/database.ts';
import {
  ALPACA_STAND,
  BINANCE_STAND,
  type BrokerStand,
  type RunningFake,
} from '../../../support/broker-stands.ts';
import { createTradingFloor, decimal } from '../../../support/trading-floor.ts';

/** Longer than any time-out here, on a machine that is busy. */
const PATIENCE = { timeout: 60_000, interval: 50 };

/** Monday 2026-03-02, 15:00 UTC: New York trades. From there on time runs as it does. */
function createRunningClock() {
  const begin = Date.parse('2026-03-02T15:00:00Z');
  const startedAt = performance.now();
  return { now: () => new Date(begin + Math.floor(performance.now() - startedAt)) };
}

/** With a fake Alpaca. */
export async function openBrokerHouse(given: { readonly isLiveTrading?: boolean } = {}) {
  const house = await openHouse(ALPACA_STAND, given);
  return { ...house, alpaca: house.fake };
}

/** With a fake Binance, which is spoken with through ccxt. */
export async function openExchangeHouse() {
  const house = await openHouse(BINANCE_STAND);
  return { ...house, binance: house.fake };
}

/**
 * A fake venue, an account that is connected with it, and a desk that follows it, fresh for each test; after
 * it, the books must be right.
 */
async function openHouse<Fake extends RunningFake>(
  stand: BrokerStand<Fake>,
  { isLiveTrading = false } = {},
) {
  const database = await createTestDatabase();
  const clock = createRunningClock();
  const floor = createTradingFloor(database, clock);
  const { ids, booking, portfolios } = floor;
  const logged: { readonly fields: object; readonly message: string }[] = [];
  const logger = {
    warn: () => undefined,
    error: (fields: object, message: string) => void logged.push({ fields, message }),
  };
  const quotes = createQuoteBook();
  const now: { fake?: Fake; viewer?: Viewer; accountId?: string } = {};
  const desks = new Set<ReturnType<typeof createBrokerDesk>>();
  const given = <Value>(value: Value | undefined): Value => {
    if (value === undefined) throw new Error('There is one before each test.');
    return value;
  };
  const fake = () => given(now.fake);
  const shared = {
    ...{ workerDb: database.worker, booking, portfolios, clock, ids, logger, isLiveTrading },
    timers: systemTimers,
    vault: {
      open: () => Promise.resolve(fake().keys),
      openProvider: () => Promise.resolve(null),
    },
    openBroker: (...[place, secret]: Parameters<BrokerDeskPorts['openBroker']>) =>
      stand.openBroker(fake(), { clock, timers: systemTimers })(place, secret),
  };

  /** One process, as it were: a desk, and what places orders through it. */
  const openOffice = (ports: Partial<BrokerDeskPorts> = {}) => {
    const desk = createBrokerDesk({ ...shared, reconcileMs: 60_000, graceMs: 500, ...ports });
    desks.add(desk);
    const brokerQuotes = createBrokerQuotes({ ...desk, quotes, clock });
    const orders = createOrders({
      ...{ db: database.server, clock, ids, quotes, isLiveTrading, firstNewsMs: 60_000 },
      beforePlacing: (viewer, order) => brokerQuotes.refresh(viewer, order),
      onAccepted: (order) => desk.accept(order),
      onCanceled: (order) => {
        if (order.status === 'CANCEL_PENDING') void desk.cancel(order);
      },
    });
    const connections = createBrokerConnections({
      ...{ ...shared, openBroker: ports.openBroker ?? shared.openBroker },
      ...{ db: database.server, instruments: desk.instruments },
      audit: createAudit({ clock, ids }),
    });
    const previews = createOrderPreviews({
      ...{ db: database.server, clock, quotes, isLiveTrading },
      beforePlacing: (viewer, order) => brokerQuotes.refresh(viewer, order),
    });
    return { desk, orders, connections, previews };
  };
  const office = { current: openOffice() };
  const viewer = () => given(now.viewer);
  const accountId = () => given(now.accountId);

  const addKeys = async (owner: Viewer, provider = stand.provider): Promise<string> => {
    const id = randomUUID();
    await database.query(
      `INSERT INTO credentials (id, owner_id, kind, provider, name, key_id, sealed_value, fingerprint,
         created_at, updated_at)
       VALUES ($1, $2, 'BROKER', $3, $4, 'k', '\\x00', $4, now(), now())`,
      [id, owner.userId, provider, id],
    );
    return id;
  };
  const connect = async (given: { readonly isSandbox?: boolean } = {}) => {
    const { broker, exchange } = stand.place;
    const account = await office.current.connections.connect(viewer(), {
      ...{ name: 'There', broker, isSandbox: given.isSandbox ?? true },
      ...(exchange !== null && { exchange }),
      ...{ credentialId: await addKeys(viewer()), idempotencyKey: randomUUID() },
    });
    now.accountId = account.id;
    return account;
  };

  beforeEach(async () => {
    now.fake = await stand.start();
    now.viewer = await floor.addPerson();
  });
  afterEach(async () => {
    for (const desk of desks) await desk.stop();
    desks.clear();
    office.current = openOffice();
    await fake().stop();
    await database.query('DELETE FROM broker_discrepancies');
    await database.query('DELETE FROM broker_connections');
    const { checks } = await auditLedger(database.worker);
    expect(checks.filter(({ brokenCount }) => brokenCount > 0)).toEqual([]);
    expect(logged.splice(0)).toEqual([]);
  });

  const newest = async ({ id }: Pick<Order, 'id'>): Promise<Order> => {
    const [order] = await office.current.orders.list(viewer(), { where: { id } }, {});
    return given(order);
  };
  const until = (order: Pick<Order, 'id'>, expected: readonly string[]) =>
    vi.waitFor(async () => {
      const { status, filledQuantity } = await newest(order);
      expect([status, filledQuantity.toFixed()]).toEqual(expected);
    }, PATIENCE);

  /** Until the books were compared with the venue's after `since`. */
  const untilReconciled = async (since: Date): Promise<void> => {
    await vi.waitFor(async () => {
      const [row] = await database.query<{ reconciled_at: Date | null }>(
        'SELECT reconciled_at FROM broker_connections WHERE account_id = $1',
        [accountId()],
      );
      expect(Number(row?.reconciled_at ?? 0)).toBeGreaterThanOrEqual(Number(since));
    }, PATIENCE);
  };

  /** Cash and shares here are those of the venue. */
  const booksAreTheVenues = () =>
    vi.waitFor(async () => {
      const [row] = await database.query<{ cash: string; held: string }>(
        `SELECT trim_scale(cash)::text AS cash, trim_scale(coalesce((SELECT sum(quantity)
           FROM positions p JOIN instruments i ON i.id = p.instrument_id
           WHERE account_id = a.id AND closed_at IS NULL AND i.symbol = $2), 0))::text AS held
         FROM accounts a WHERE id = $1`,
        [accountId(), stand.symbol],
      );
      const { venue } = fake();
      const held = venue.position(venue.symbol);
      const there = { cash: decimal(venue.cash()).toFixed(), held };
      expect(row).toEqual(there);
    }, PATIENCE);
  const openDiscrepancies = () =>
    database.query<{ kind: string; subject: string; ours: string; theirs: string }>(
      `SELECT kind, subject, ours, theirs FROM broker_discrepancies
       WHERE account_id = $1 AND resolved_at IS NULL ORDER BY kind, subject`,
      [accountId()],
    );
  /** Another office takes over, and finds nothing that the books and the venue disagree about. */
  const agree = async (): Promise<void> => {
    await booksAreTheVenues();
    for (const desk of desks) await desk.stop();
    const since = clock.now();
    await openOffice().desk.start();
    await untilReconciled(since);
    expect(await openDiscrepancies()).toEqual([]);
  };

  return {
    ...{ database, floor, quotes, logged, fake, viewer, accountId, office, openOffice },
    ...{ addKeys, connect, newest, until, booksAreTheVenues, openDiscrepancies, agree, PATIENCE },
    venue: () => fake().venue,
    /** Connects, and follows the connection until the books were compared for the first time. */
    async open(wanted: { readonly isSandbox?: boolean } = {}): Promise<void> {
      await connect(wanted);
      const since = clock.now();
      await office.current.desk.start();
      await vi.waitFor(() => expect(stand.isHeard(fake())).toBe(true), PATIENCE);
      await untilReconciled(since);
    },
    place: (wanted: Partial<PlaceOrder> = {}): Promise<Order> =>
      office.current.orders.place(viewer(), {
        ...{ accountId: accountId(), symbol: stand.symbol, side: 'BUY', type: 'LIMIT' },
        ...{ quantity: decimal(10), limitPrice: decimal(150), clientOrderId: randomUUID() },
        ...wanted,
      }),
    /** What would come of the same order. */
    preview: (wanted: Partial<PlaceOrder> = {}) =>
      office.current.previews.preview(viewer(), {
        ...{ accountId: accountId(), symbol: stand.symbol, side: 'BUY', type: 'LIMIT' },
        ...{ quantity: decimal(10), limitPrice: decimal(150), ...wanted },
      }),
    cancel: (order: Order) =>
      office.current.orders.cancel(viewer(), { orderId: order.id, idempotencyKey: randomUUID() }),
    statesOf: async ({ id }: Pick<Order, 'id'>): Promise<string[]> => {
      const rows = await database.query<{ to_status: string }>(
        'SELECT to_status FROM order_events WHERE order_id = $1 ORDER BY sequence',
        [id],
      );
      return rows.map((row) => row.to_status);
    },
  };
}
