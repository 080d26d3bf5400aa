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
import { createOpenBroker } from '../../../../src/services/trading/brokers/open-broker.ts';
import { createOrderPreviews } from '../../../../src/services/trading/order-preview.ts';
import { createOrders } from '../../../../src/services/trading/orders.ts';
import type { PlaceOrder } from '../../../../src/services/trading/placement.ts';
import { createTestDatabase } from '../../../support/database.ts';
import { startFakeAlpaca, type FakeAlpaca } from '../../../support/fake-alpaca.ts';
import { createTradingFloor, decimal } from '../../../support/trading-floor.ts';

/** Longer than any time-out here, and short enough to wait for. */
const PATIENCE = { timeout: 15_000, interval: 50 };

/** Monday 2026-03-02, 15:00 UTC: New York trades. From there on time runs as it does. */
function createRunningClock() {
  const begin = Date.parse('2026-03-02T15:00:00Z');
  const startedAt = performance.now();
  return { now: () => new Date(begin + Math.floor(performance.now() - startedAt)) };
}

/**
 * A fake Alpaca, an account that is connected with it, and a desk that follows it, fresh for each test; after
 * it, the books must be the venue's, and right.
 */
export async function openBrokerHouse({ isLiveTrading = false } = {}) {
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
  const now: { venue?: FakeAlpaca; viewer?: Viewer; accountId?: string } = {};
  const desks = new Set<ReturnType<typeof createBrokerDesk>>();
  const given = <Value>(value: Value | undefined): Value => {
    if (value === undefined) throw new Error('There is one before each test.');
    return value;
  };
  const alpaca = () => given(now.venue);
  const shared = {
    ...{ workerDb: database.worker, booking, portfolios, clock, ids, logger, isLiveTrading },
    timers: systemTimers,
    vault: {
      open: () => Promise.resolve(alpaca().keys),
      openProvider: () => Promise.resolve(null),
    },
    openBroker: (...[place, secret]: Parameters<BrokerDeskPorts['openBroker']>) =>
      createOpenBroker({
        ...{ clock, timers: systemTimers, alpacaHosts: alpaca().hosts, alpacaTimeoutMs: 500 },
      })(place, secret),
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
      ...shared,
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

  const addKeys = async (owner: Viewer, provider = 'alpaca'): Promise<string> => {
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
    const account = await office.current.connections.connect(viewer(), {
      ...{ name: 'Alpaca', broker: 'ALPACA', isSandbox: given.isSandbox ?? true },
      ...{ credentialId: await addKeys(viewer()), idempotencyKey: randomUUID() },
    });
    now.accountId = account.id;
    return account;
  };

  beforeEach(async () => {
    now.venue = await startFakeAlpaca();
    now.viewer = await floor.addPerson();
  });
  afterEach(async () => {
    for (const desk of desks) await desk.stop();
    desks.clear();
    office.current = openOffice();
    await alpaca().stop();
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

  return {
    ...{ database, floor, quotes, logged, alpaca, viewer, accountId, office, openOffice },
    ...{ addKeys, connect, newest, until, PATIENCE },
    venue: () => alpaca().venue,
    /** Connects, and follows the connection until the stream is there. */
    async open(wanted: { readonly isSandbox?: boolean } = {}): Promise<void> {
      await connect(wanted);
      await office.current.desk.start();
      await vi.waitFor(() => expect(alpaca().listenerCount()).toBe(1), PATIENCE);
    },
    place: (wanted: Partial<PlaceOrder> = {}): Promise<Order> =>
      office.current.orders.place(viewer(), {
        ...{ accountId: accountId(), symbol: 'AAPL.ALPACA', side: 'BUY', type: 'LIMIT' },
        ...{ quantity: decimal(10), limitPrice: decimal(150), clientOrderId: randomUUID() },
        ...wanted,
      }),
    /** What would come of the same order. */
    preview: (wanted: Partial<PlaceOrder> = {}) =>
      office.current.previews.preview(viewer(), {
        ...{ accountId: accountId(), symbol: 'AAPL.ALPACA', side: 'BUY', type: 'LIMIT' },
        ...{ quantity: decimal(10), limitPrice: decimal(150), ...wanted },
      }),
    cancel: (order: Order) =>
      office.current.orders.cancel(viewer(), { orderId: order.id, idempotencyKey: randomUUID() }),
    /** Cash and shares here are those of the venue. */
    booksAreTheVenues: () =>
      vi.waitFor(async () => {
        const [row] = await database.query<{ cash: string; held: string }>(
          `SELECT trim_scale(cash)::text AS cash, trim_scale(coalesce((SELECT sum(quantity)
             FROM positions WHERE account_id = a.id AND closed_at IS NULL), 0))::text AS held
           FROM accounts a WHERE id = $1`,
          [accountId()],
        );
        const { venue } = alpaca();
        const there = { cash: decimal(venue.cash()).toFixed(), held: venue.position('AAPL') };
        expect(row).toEqual(there);
      }, PATIENCE),
    statesOf: async ({ id }: Pick<Order, 'id'>): Promise<string[]> => {
      const rows = await database.query<{ to_status: string }>(
        'SELECT to_status FROM order_events WHERE order_id = $1 ORDER BY sequence',
        [id],
      );
      return rows.map((row) => row.to_status);
    },
    openDiscrepancies: () =>
      database.query<{ kind: string; subject: string; ours: string; theirs: string }>(
        `SELECT kind, subject, ours, theirs FROM broker_discrepancies
         WHERE account_id = $1 AND resolved_at IS NULL ORDER BY kind, subject`,
        [accountId()],
      ),
  };
}
