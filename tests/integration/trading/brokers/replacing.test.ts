import { randomUUID } from 'node:crypto';
import { describe, expect, test, vi } from 'vitest';
import type { Order } from '../../../../src/services/platform/prisma/client.ts';
import { ReplacementUnsupported } from '../../../../src/services/trading/brokers/errors.ts';
import { InsufficientFunds, OrderNotReplaceable } from '../../../../src/services/trading/errors.ts';
import type { ReplaceOrder } from '../../../../src/services/trading/replacement-terms.ts';
import { decimal } from '../../../support/trading-floor.ts';
import { openBrokerHouse } from './broker-house.ts';

const house = await openBrokerHouse();
const { open, connect, place, until, venue, alpaca, statesOf, booksAreTheVenues, newest } = house;
const { office, PATIENCE } = house;

const replace = ({ id }: Order, wanted: Partial<ReplaceOrder> = {}) =>
  office.current.orders.replace(house.viewer(), {
    ...{ orderId: id, limitPrice: decimal(140), clientOrderId: randomUUID() },
    ...wanted,
  });
const reservedOf = async () => {
  const [row] = await house.database.query<{ reserved: string }>(
    'SELECT trim_scale(reserved)::text AS reserved FROM accounts WHERE id = $1',
    [house.accountId()],
  );
  return row?.reserved;
};
const untilReserved = (reserved: string) =>
  vi.waitFor(async () => expect(await reservedOf()).toBe(reserved), PATIENCE);

describe('an order at a broker that is replaced', () => {
  test('has its place taken by one with an id of its own, and holds nothing back', async () => {
    await open();
    const old = await place();
    const order = await replace(old, { limitPrice: decimal(140), quantity: decimal(20) });
    expect(order).toMatchObject({ replacesId: old.id, status: 'ACCEPTED' });
    expect(order.brokerOrderId).not.toBe(old.brokerOrderId);
    await until(old, ['REPLACED', '0']);
    expect(await newest(old)).toMatchObject({ replacedById: order.id });
    expect(venue().order(old.id)?.isOpen).toBe(false);
    expect(venue().order(order.id)).toEqual({ quantity: '20', filled: '0', isOpen: true });
    expect(await statesOf(order)).toEqual(['PENDING', 'SUBMITTED', 'ACCEPTED']);
    // 20 × 140, and no longer 10 × 150 besides.
    expect(await reservedOf()).toBe('2800');
    venue().fill(order.id, '20', '140');
    await until(order, ['FILLED', '20']);
    await house.agree();
  });

  test('with a lower price holds back less once its place is taken', async () => {
    await open();
    const old = await place();
    alpaca().state.isReplacing = false;
    const order = await replace(old);
    // Both work there: 1,500 for either of them.
    expect([order.status, await reservedOf()]).toEqual(['ACCEPTED', '1500']);
    expect((await newest(old)).status).toBe('ACCEPTED');
    alpaca().settle(order.id);
    await until(old, ['REPLACED', '0']);
    // 10 × 140
    expect(await reservedOf()).toBe('1400');
    expect((await newest(order)).reserved.toFixed()).toBe('1400');
    await booksAreTheVenues();
  });

  test('keeps what was filled, and the new one is for the rest', async () => {
    await open();
    const old = await place();
    venue().fill(old.id, '4', '150');
    await until(old, ['PARTIALLY_FILLED', '4']);
    const order = await replace(old);
    expect(order.quantity.toFixed()).toBe('6');
    await until(old, ['REPLACED', '4']);
    expect(venue().order(order.id)).toEqual({ quantity: '6', filled: '0', isOpen: true });
    // 6 × 140
    expect(await reservedOf()).toBe('840');
    venue().fill(order.id, '6', '139');
    await until(order, ['FILLED', '6']);
    await house.agree();
  });

  test('twice at once is replaced once', async () => {
    await open();
    const old = await place();
    const done = await Promise.allSettled([replace(old), replace(old)]);
    expect(done.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const refused: unknown = done.find((one) => one.status === 'rejected')?.reason;
    expect(refused).toBeInstanceOf(OrderNotReplaceable);
    await until(old, ['REPLACED', '0']);
    expect(venue().orderCount()).toBe(2);
    await booksAreTheVenues();
  });

  test('by the same command again is replaced once', async () => {
    await open();
    const old = await place();
    const clientOrderId = randomUUID();
    const first = await replace(old, { clientOrderId });
    expect((await replace(old, { clientOrderId })).id).toBe(first.id);
    expect(venue().orderCount()).toBe(2);
    await until(old, ['REPLACED', '0']);
  });

  test('stays as it was when the gate refuses the new one', async () => {
    await open();
    const old = await place();
    await expect(replace(old, { quantity: decimal(1_000) })).rejects.toThrow(InsufficientFunds);
    expect(await newest(old)).toEqual(old);
    expect([venue().orderCount(), await reservedOf()]).toEqual([1, '1500']);
  });

  test('goes on when the broker refuses the new one, and may be replaced after that', async () => {
    await open();
    const old = await place();
    const refused = await replace(old, { limitPrice: decimal('140.0001') });
    expect(refused).toMatchObject({ status: 'REJECTED', reasonCode: 'TICK_SIZE' });
    expect(await newest(old)).toEqual(old);
    expect([venue().orderCount(), await reservedOf()]).toEqual([1, '1500']);
    const order = await replace(old);
    await until(old, ['REPLACED', '0']);
    expect(await newest(old)).toMatchObject({ replacedById: order.id });
    await booksAreTheVenues();
  });
});

describe('an answer to a replacement that is lost', () => {
  test.each(['SILENT_AFTER_ACCEPTANCE', 'BROKEN_AFTER_ACCEPTANCE'] as const)(
    '%s: the new order is UNKNOWN, is found, and was sent once',
    async (fault) => {
      // Nobody listens: only looking for it can tell.
      await connect();
      const old = await place();
      venue().failNext(fault);
      const order = await replace(old);
      expect(['UNKNOWN', 'ACCEPTED']).toContain(order.status);
      await office.current.desk.start();
      await until(order, ['ACCEPTED', '0']);
      await until(old, ['REPLACED', '0']);
      expect(venue().orderCount()).toBe(2);
      await untilReserved('1400');
      await house.agree();
    },
  );

  test.each(['SILENT', 'BROKEN'] as const)(
    '%s: what never arrived is rejected after two looks, and the old order goes on',
    async (fault) => {
      await open();
      const old = await place();
      venue().failNext(fault);
      const order = await replace(old, { quantity: decimal(20) });
      expect([order.status, await reservedOf()]).toEqual(['UNKNOWN', '2800']);
      await expect(replace(old)).rejects.toThrow(OrderNotReplaceable);
      await until(order, ['REJECTED', '0']);
      expect((await newest(order)).reasonCode).toBe('NEVER_ARRIVED');
      expect([(await newest(old)).status, await reservedOf()]).toEqual(['ACCEPTED', '1500']);
      venue().fill(old.id, '10', '150');
      await until(old, ['FILLED', '10']);
      expect(venue().orderCount()).toBe(1);
      await house.agree();
    },
  );
});

describe('an order that fills while it is replaced', () => {
  test('whole: the broker takes no other, and it is filled once', async () => {
    await open();
    const old = await place();
    alpaca().state.fillBeforeReplacing = ['10', '150'];
    const order = await replace(old);
    expect(order).toMatchObject({ status: 'REJECTED' });
    await until(old, ['FILLED', '10']);
    await untilReserved('0');
    expect(venue().position('AAPL')).toBe('10');
    await house.agree();
  });

  test('whole after the broker took the other: that one is rejected', async () => {
    await open();
    const old = await place();
    alpaca().state.isReplacing = false;
    const order = await replace(old);
    venue().fill(old.id, '10', '150');
    await until(old, ['FILLED', '10']);
    alpaca().settle(order.id);
    await vi.waitFor(
      async () => expect(['REJECTED', 'CANCELED']).toContain((await newest(order)).status),
      PATIENCE,
    );
    await untilReserved('0');
    expect(venue().position('AAPL')).toBe('10');
    await house.agree();
  });

  test('in part: the other one would be for too much, and is canceled', async () => {
    await open();
    const old = await place();
    alpaca().state.fillBeforeReplacing = ['3', '150'];
    const order = await replace(old);
    await until(old, ['REPLACED', '3']);
    await until(order, ['CANCELED', '0']);
    expect((await newest(order)).reasonCode).toBe('FILLED_WHILE_REPLACED');
    expect(venue().order(order.id)?.isOpen).toBe(false);
    await untilReserved('0');
    await house.agree();
  });

  test('told late: what was filled before it was replaced counts', async () => {
    await open();
    const old = await place();
    alpaca().stream.isHolding = true;
    venue().fill(old.id, '3', '150');
    const order = await replace(old);
    alpaca().releaseBackwards();
    await until(old, ['REPLACED', '3']);
    await until(order, ['CANCELED', '0']);
    await untilReserved('0');
    await house.agree();
  });
});

test('what the venue has no replacement for is refused by name, and nothing is changed', async () => {
  await open();
  const old = await place();
  await house.database.query(
    `UPDATE broker_connections SET broker = 'CCXT', exchange = 'kraken' WHERE account_id = $1`,
    [house.accountId()],
  );
  await expect(replace(old)).rejects.toThrow(ReplacementUnsupported);
  expect(await newest(old)).toEqual(old);
  expect([venue().orderCount(), await reservedOf()]).toEqual([1, '1500']);
});
