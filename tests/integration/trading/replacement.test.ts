import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { IdempotencyConflict, NotFound } from '../../../src/services/platform/errors.ts';
import {
  InsufficientFunds,
  InsufficientPosition,
  OrderNotReplaceable,
  PriceOnWrongSide,
  PriceOutOfRange,
} from '../../../src/services/trading/errors.ts';
import { summaryOf } from '../../support/exchange.ts';
import { decimal } from '../../support/trading-floor.ts';
import { openOrderHouse } from './order-house.ts';
import type { Order } from '../../../src/services/platform/prisma/client.ts';
import type { ReplaceOrder } from '../../../src/services/trading/replacement-terms.ts';

const house = await openOrderHouse();
const { database, time, floor, owner, exchange, account, acme } = house;
const { place, newest, quote, limit, stop, until, fillsOf, statesOf, settled } = house;

const replace = (order: Order, change: Partial<ReplaceOrder>) =>
  exchange.orders.replace(owner, { orderId: order.id, clientOrderId: randomUUID(), ...change });
const to = (price: string) => ({ limitPrice: decimal(price) });
const reservedNow = async (): Promise<string> => {
  const [row] = await database.query<{ reserved: string }>(
    'SELECT trim_scale(reserved)::text AS reserved FROM accounts WHERE id = $1',
    [account().id],
  );
  return String(row?.reserved);
};
const legOf = async ({ groupId }: Order, leg: Order['leg']): Promise<Order> => {
  const where = { groupId: String(groupId), leg };
  const [found] = await exchange.orders.list(owner, { where }, {});
  if (!found) throw new Error(`There is no ${String(leg)}.`);
  return found;
};

describe('an order that is replaced', () => {
  test('ends as REPLACED, and the new one stands in its place with the rest as it was', async () => {
    quote();
    const old = await limit('100');
    const next = await replace(old, to('95'));
    expect(summaryOf(next)).toEqual(['ACCEPTED', '0', '950']); // 10 × 95
    expect([next.quantity.toFixed(), next.replacesId]).toEqual(['10', old.id]);
    const before = await newest(old);
    expect(summaryOf(before)).toEqual(['REPLACED', '0', '0']);
    expect(before.replacedById).toBe(next.id);
    expect(await statesOf(old)).toEqual(['PENDING', 'SUBMITTED', 'ACCEPTED', 'REPLACED']);
    expect(await reservedNow()).toBe('950');
    quote({ bid: '98', ask: '99' });
    await settled();
    expect((await newest(next)).status).toBe('ACCEPTED');
    quote({ bid: '94', ask: '95' });
    await until(next, ['FILLED', '10', '0']);
    expect(await fillsOf(old)).toEqual([]);
  });

  test('keeps what was filled: the new one is for the rest of the new total', async () => {
    quote();
    const old = await limit('100');
    quote({ bid: '99', ask: '100', askSize: '4' });
    await until(old, ['PARTIALLY_FILLED', '4', '600']);
    const next = await replace(old, { quantity: decimal('12') });
    expect(next.quantity.toFixed()).toBe('8'); // 12 − 4
    expect(summaryOf(next)).toEqual(['ACCEPTED', '0', '800']);
    expect(summaryOf(await newest(old))).toEqual(['REPLACED', '4', '0']);
    quote({ bid: '98', ask: '99' });
    await until(next, ['FILLED', '8', '0']);
    expect([await fillsOf(old), await fillsOf(next)]).toEqual([['4 @ 100'], ['8 @ 99']]);
  });

  test('is judged by the difference: its own cash and shares are free for the new one', async () => {
    quote();
    const old = await limit('100', { quantity: '90' }); // 9,000 of 10,000
    const more = await replace(old, { quantity: decimal('99') });
    expect(summaryOf(more)).toEqual(['ACCEPTED', '0', '9900']);
    await floor.hold(account(), acme(), '10');
    const sale = await limit('105', { side: 'SELL', quantity: '10' });
    const next = await replace(sale, to('106'));
    expect([next.status, next.quantity.toFixed()]).toEqual(['ACCEPTED', '10']);
    await expect(replace(next, { quantity: decimal('11') })).rejects.toBeInstanceOf(
      InsufficientPosition,
    );
  });

  test('stays as it was when the gate refuses the new one', async () => {
    quote();
    const old = await limit('100');
    const refused = replace(old, { quantity: decimal('101') }); // 10,100
    await expect(refused).rejects.toBeInstanceOf(InsufficientFunds);
    await expect(refused).rejects.toMatchObject({ orderId: null });
    await expect(replace(old, to('130'))).rejects.toBeInstanceOf(PriceOutOfRange);
    expect(summaryOf(await newest(old))).toEqual(['ACCEPTED', '0', '1000']);
    expect(await reservedNow()).toBe('1000');
    quote({ bid: '99', ask: '100' });
    await until(old, ['FILLED', '10', '0']);
  });

  test('is not, once it has ended or its stop went off, or when so much is filled', async () => {
    quote({ bid: '99', ask: '100' });
    const filled = await place({ quantity: '1' });
    await expect(replace(filled, { quantity: decimal('2') })).rejects.toEqual(
      new OrderNotReplaceable(filled.id, { status: 'FILLED', filledQuantity: decimal('1') }),
    );
    quote({ bid: '101', ask: '102', askSize: '4' });
    const off = await stop('101');
    expect(summaryOf(off).slice(0, 2)).toEqual(['PARTIALLY_FILLED', '4']);
    await expect(replace(off, { stopPrice: decimal('105') })).rejects.toBeInstanceOf(
      OrderNotReplaceable,
    );
    quote({ bid: '89', ask: '90', askSize: '6' });
    await until(off, ['FILLED', '10', '0']);
    const part = await limit('90');
    quote({ bid: '88', ask: '89', askSize: '4' });
    await until(part, ['PARTIALLY_FILLED', '4', '540']);
    await expect(replace(part, { quantity: decimal('4') })).rejects.toBeInstanceOf(
      OrderNotReplaceable,
    );
    expect(summaryOf(await newest(part))).toEqual(['PARTIALLY_FILLED', '4', '540']);
  });

  test('is not, once it was replaced, and says by which order', async () => {
    quote();
    const old = await limit('100');
    const next = await replace(old, { quantity: decimal('2') });
    await expect(replace(old, { quantity: decimal('3') })).rejects.toThrow(
      `The order is REPLACED, with 0 filled; order ${next.id} took its place.`,
    );
  });

  test('is once: the same key gets the same order, another body a conflict', async () => {
    quote();
    const old = await limit('100');
    const clientOrderId = randomUUID();
    const next = await replace(old, { ...to('95'), clientOrderId });
    expect((await replace(old, { ...to('95.00'), clientOrderId })).id).toBe(next.id);
    await expect(replace(old, { ...to('96'), clientOrderId })).rejects.toEqual(
      new IdempotencyConflict(clientOrderId),
    );
    await expect(replace(next, { ...to('94'), clientOrderId: old.clientOrderId })).rejects.toEqual(
      new IdempotencyConflict(old.clientOrderId),
    );
  });

  test('is found by its owner alone', async () => {
    quote();
    const old = await limit('100');
    const stranger = await floor.addPerson();
    const command = { orderId: old.id, clientOrderId: randomUUID(), ...to('95') };
    await expect(exchange.orders.replace(stranger, command)).rejects.toEqual(new NotFound('Order'));
    expect((await newest(old)).status).toBe('ACCEPTED');
  });

  test('keeps its end, unless it is said otherwise', async () => {
    quote();
    const expiresAt = new Date(time.clock.now().getTime() + 60_000);
    const old = await limit('100', { quantity: '1', timeInForce: 'GTD', expiresAt });
    const next = await replace(old, to('95'));
    expect([next.timeInForce, next.expiresAt]).toEqual(['GTD', expiresAt]);
    const last = await replace(next, { timeInForce: 'GTC' });
    expect([last.timeInForce, last.expiresAt]).toEqual(['GTC', null]);
  });

  test('of a trailing stop does not forget the best price that was seen', async () => {
    await floor.hold(account(), acme(), '10');
    quote({ bid: '110', ask: '111' });
    const trailing = { type: 'TRAILING_STOP', side: 'SELL', quantity: '10' } as const;
    const old = await place({ ...trailing, trailAmount: decimal('10') });
    quote({ bid: '105', ask: '106' });
    const next = await replace(old, { trailAmount: decimal('7') });
    expect(next.stopPrice?.toFixed()).toBe('103'); // 110 − 7
    const percent = await replace(next, { trailPercent: decimal('10') });
    expect([percent.trailAmount, percent.stopPrice?.toFixed()]).toEqual([null, '99']); // 110 × 0.9
  });

  test.each<[string, Partial<ReplaceOrder>]>([
    ['quantity', {}],
    ['stopPrice', { stopPrice: decimal('90') }],
    ['trailAmount', { trailAmount: decimal('1') }],
    ['expiresAt', { expiresAt: new Date('2026-03-03T00:00:00Z') }],
  ])('must be one that there can be: %s', async (field, change) => {
    quote();
    const old = await limit('100');
    await expect(replace(old, change)).rejects.toMatchObject({ field });
    expect((await newest(old)).status).toBe('ACCEPTED');
  });
});

describe('an order of a group that is replaced', () => {
  const legs = {
    takeProfit: { limitPrice: decimal('110') },
    stopLoss: { stopPrice: decimal('90') },
  };
  const BRACKET = { orderClass: 'BRACKET', quantity: '10', ...legs } as const;

  test('at work: the new leg is of the group, and one still cancels the other', async () => {
    quote({ bid: '99', ask: '100' });
    const entry = await place(BRACKET);
    const loss = await legOf(entry, 'STOP_LOSS');
    const next = await replace(loss, { stopPrice: decimal('95') });
    expect([next.leg, next.groupId, next.orderClass]).toEqual([
      ...['STOP_LOSS', entry.groupId, 'BRACKET'],
    ]);
    quote({ bid: '95', ask: '96' });
    await until(next, ['FILLED', '10', '0']);
    expect((await newest(await legOf(entry, 'TAKE_PROFIT'))).status).toBe('CANCELED');
  });

  test('while it waits: the new leg waits as well, and works when the entry fills', async () => {
    quote();
    const entry = await limit('100', BRACKET);
    const profit = await legOf(entry, 'TAKE_PROFIT');
    const next = await replace(profit, to('105'));
    expect([next.status, (await newest(profit)).status]).toEqual(['PENDING', 'REPLACED']);
    const cheaper = await replace(entry, to('98'));
    quote({ bid: '97', ask: '98' });
    await until(cheaper, ['FILLED', '10', '0']);
    quote({ bid: '105', ask: '106' });
    await until(next, ['FILLED', '10', '0']);
  });

  test('waits like the one before: nothing ends the group by being over at once', async () => {
    await floor.hold(account(), acme(), '10');
    quote();
    const profit = await place({ side: 'SELL', quantity: '10', orderClass: 'OCO', ...legs });
    for (const timeInForce of ['IOC', 'FOK'] as const) {
      await expect(replace(profit, { timeInForce })).rejects.toMatchObject({
        ...{ name: 'InvalidInput', field: 'timeInForce' },
      });
    }
    await settled();
    const loss = await legOf(profit, 'STOP_LOSS');
    expect([(await newest(profit)).status, loss.status]).toEqual(['ACCEPTED', 'ACCEPTED']);
  });

  test('does not pass the other leg, nor change its quantity', async () => {
    quote({ bid: '99', ask: '100' });
    const entry = await place(BRACKET);
    const loss = await legOf(entry, 'STOP_LOSS');
    await expect(replace(loss, { stopPrice: decimal('110') })).rejects.toBeInstanceOf(
      PriceOnWrongSide,
    );
    await expect(replace(loss, { quantity: decimal('5') })).rejects.toMatchObject({
      field: 'quantity',
    });
    const waiting = await limit('95', { ...BRACKET, quantity: '1' });
    await expect(replace(waiting, to('110'))).rejects.toBeInstanceOf(PriceOnWrongSide);
    expect((await newest(loss)).status).toBe('ACCEPTED');
  });
});
