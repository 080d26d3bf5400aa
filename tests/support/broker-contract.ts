import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Decimal } from '../../src/services/platform/money.ts';
import { BrokerRefused, BrokerUnreachable } from '../../src/services/trading/brokers/errors.ts';
import type {
  Broker,
  BrokerFill,
  BrokerNews,
  BrokerOrder,
} from '../../src/services/trading/brokers/broker.ts';
import type { FakeVenue } from './broker-venue.ts';

const PATIENT = { timeout: 20_000 };

interface Opened {
  readonly broker: Broker;
  /** Whether the venue puts one order in the place of another; it does if left out. */
  readonly isReplacing?: boolean;
  readonly venue: FakeVenue;
  close(): Promise<void>;
}

/**
 * What every adapter keeps, whichever way its venue speaks. `open` starts a fresh fake venue and a broker that
 * speaks with it; a request that is not answered must be given up within five seconds.
 */
export function describeBroker(name: string, open: () => Promise<Opened>): void {
  describe(`${name} as a broker`, () => {
    let opened: Opened;
    beforeEach(async () => {
      opened = await open();
    });
    afterEach(() => opened.close());

    const orderOf = (given: Partial<BrokerOrder> = {}): BrokerOrder => ({
      clientOrderId: randomUUID(),
      symbol: opened.venue.symbol,
      side: 'BUY',
      type: 'LIMIT',
      timeInForce: 'GTC',
      quantity: new Decimal(10),
      limitPrice: new Decimal(150),
      ...{ stopPrice: null, trailAmount: null, trailPercent: null },
      ...given,
    });
    const submit = async (given: Partial<BrokerOrder> = {}) => {
      const order = orderOf(given);
      return { order, report: await opened.broker.submit(order) };
    };
    const allFills = async (from: string): Promise<BrokerFill[]> => {
      const fills: BrokerFill[] = [];
      let cursor = from;
      let hasMore = true;
      while (hasMore) {
        const page = await opened.broker.fillsAfter(cursor);
        fills.push(...page.fills);
        ({ cursor, hasMore } = page);
      }
      return fills;
    };
    const summaryOf = ({ quantity, price, side }: BrokerFill): string =>
      `${side} ${quantity.toFixed()} @ ${price.toFixed()}`;

    test('an order that is sent is found by either id, and among those that work', async () => {
      const { order, report } = await submit();
      const { broker } = opened;
      expect(report).toMatchObject({ status: 'ACCEPTED', side: 'BUY', symbol: order.symbol });
      expect(report.quantity.toFixed()).toBe('10');
      const byClientOrderId = await broker.findByClientOrderId(order);
      expect(byClientOrderId?.brokerOrderId).toBe(report.brokerOrderId);
      expect((await broker.find(report))?.status).toBe('ACCEPTED');
      const open = await broker.openOrders();
      expect(open.map(({ brokerOrderId }) => brokerOrderId)).toEqual([report.brokerOrderId]);
    });

    test('an order takes the place of another, of which what is filled stays filled', async () => {
      const { order, report } = await submit();
      const { broker, venue, isReplacing = true } = opened;
      venue.fill(order.clientOrderId, '4', '150');
      const standing = { ...report, filledQuantity: new Decimal(4) };
      const next = orderOf({ quantity: new Decimal(6), limitPrice: new Decimal(140) });
      if (!isReplacing) {
        await expect(broker.replace(standing, next)).rejects.toThrow(BrokerRefused);
        expect(venue.orderCount()).toBe(1);
        return;
      }
      const taken = await broker.replace(standing, next);
      expect(taken).toMatchObject({ clientOrderId: next.clientOrderId, status: 'ACCEPTED' });
      expect(taken.brokerOrderId).not.toBe(report.brokerOrderId);
      expect(venue.order(order.clientOrderId)).toMatchObject({ filled: '4', isOpen: false });
      const there = { quantity: '6', filled: '0', isOpen: true };
      expect(venue.order(next.clientOrderId)).toEqual(there);
      expect(['REPLACED', 'CANCELED']).toContain((await broker.find(report))?.status);
      // Its place is taken: nobody takes it again.
      const again = orderOf({ quantity: new Decimal(6), limitPrice: new Decimal(141) });
      await expect(broker.replace(standing, again)).rejects.toThrow(BrokerRefused);
      expect(venue.order(again.clientOrderId)).toBeUndefined();
    });

    test('an order that never was is not found', async () => {
      expect(await opened.broker.findByClientOrderId(orderOf())).toBeNull();
    });

    test('what the venue refuses is refused, and nothing is held there', async () => {
      await expect(submit({ symbol: 'NOSUCH' })).rejects.toThrow(BrokerRefused);
      expect(opened.venue.orderCount()).toBe(0);
    });

    test('a venue that is broken leaves us not knowing, and has taken nothing', async () => {
      opened.venue.failNext('BROKEN');
      const order = orderOf();
      await expect(opened.broker.submit(order)).rejects.toThrow(BrokerUnreachable);
      expect(await opened.broker.findByClientOrderId(order)).toBeNull();
    });

    test.each(['SILENT_AFTER_ACCEPTANCE', 'BROKEN_AFTER_ACCEPTANCE'] as const)(
      '%s: we do not know, and the order is there once',
      async (fault) => {
        opened.venue.failNext(fault);
        const order = orderOf();
        await expect(opened.broker.submit(order)).rejects.toThrow(BrokerUnreachable);
        expect((await opened.broker.findByClientOrderId(order))?.status).toBe('ACCEPTED');
        expect(opened.venue.orderCount()).toBe(1);
      },
      15_000,
    );

    test('a venue that is busy gets the order a moment later, once', async () => {
      opened.venue.failNext('BUSY');
      const { report } = await submit();
      expect(report.status).toBe('ACCEPTED');
      expect(opened.venue.orderCount()).toBe(1);
    });

    test('a cancel ends what is left', async () => {
      const { order, report } = await submit();
      opened.venue.fill(order.clientOrderId, '4', '149.5');
      await opened.broker.cancel(report);
      await vi.waitFor(async () => {
        const found = await opened.broker.find(report);
        expect(found?.status).toBe('CANCELED');
        expect(found?.filledQuantity.toFixed()).toBe('4');
      }, PATIENT);
      expect(await opened.broker.openOrders()).toEqual([]);
    });

    test('a cancel of what is over is refused', async () => {
      const { order, report } = await submit();
      opened.venue.fill(order.clientOrderId, '10', '150');
      await expect(opened.broker.cancel(report)).rejects.toThrow(BrokerRefused);
    });

    test('fills are told from a cursor on, oldest first, each with an id of its own', async () => {
      const { order: earlier } = await submit();
      opened.venue.fill(earlier.clientOrderId, '10', '150');
      const cursor = await opened.broker.newestFill();
      const { order } = await submit();
      opened.venue.fill(order.clientOrderId, '3', '149.25');
      opened.venue.fill(order.clientOrderId, '7', '149.5');
      const fills = await allFills(cursor);
      expect(fills.map(summaryOf)).toEqual(['BUY 3 @ 149.25', 'BUY 7 @ 149.5']);
      expect(new Set(fills.map(({ brokerTradeId }) => brokerTradeId)).size).toBe(2);
      const last = await opened.broker.newestFill();
      expect(await allFills(last)).toEqual([]);
    });

    test('cash and positions come to the last digit', async () => {
      const { order } = await submit({ quantity: new Decimal(2) });
      opened.venue.fill(order.clientOrderId, '2', '150.25');
      const { broker, venue } = opened;
      expect((await broker.cash()).toFixed()).toBe(venue.cash());
      const positions = await broker.positions();
      expect(positions.map(({ symbol, quantity }) => [symbol, quantity.toFixed()])).toEqual([
        [venue.symbol, '2'],
      ]);
    });

    test('instruments and quotes are those of the venue', async () => {
      const { broker, venue } = opened;
      const instruments = await broker.instruments();
      const listed = instruments.find(({ symbol }) => symbol === venue.symbol);
      expect(listed).toMatchObject({ isTradable: true, currency: broker.currency });
      const quote = await broker.quote(venue.symbol);
      expect(quote && quote.bid.lessThanOrEqualTo(quote.ask)).toBe(true);
    });

    test('who follows hears of a fill under the id that the back-fill has for it', async () => {
      const { order } = await submit();
      const cursor = await opened.broker.newestFill();
      const news: BrokerNews[] = [];
      const connected = vi.fn();
      const stop = opened.broker.follow({
        onConnected: connected,
        onNews: (item) => void news.push(item),
        onTrouble: () => undefined,
      });
      try {
        await vi.waitFor(() => expect(connected).toHaveBeenCalled(), PATIENT);
        opened.venue.fill(order.clientOrderId, '4', '149.5');
        const told = await vi.waitFor(() => {
          const fill = news.find((item) => item.fill)?.fill;
          expect(fill).toBeTruthy();
          return fill;
        }, PATIENT);
        expect(told && summaryOf(told)).toBe('BUY 4 @ 149.5');
        const [filled] = await allFills(cursor);
        expect(told?.brokerTradeId).toBe(filled?.brokerTradeId);
      } finally {
        stop();
      }
    });
  });
}
