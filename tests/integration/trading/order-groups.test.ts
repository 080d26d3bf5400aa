import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { IdempotencyConflict } from '../../../src/services/platform/errors.ts';
import {
  InsufficientPosition,
  NotionalTooSmall,
  NoQuote,
  PriceOnWrongSide,
} from '../../../src/services/trading/errors.ts';
import { summaryOf } from '../../support/exchange.ts';
import { decimal } from '../../support/trading-floor.ts';
import { openOrderHouse } from './order-house.ts';
import type { Order } from '../../../src/services/platform/prisma/client.ts';

const house = await openOrderHouse();
const { database, time, floor, owner, exchange, account, acme } = house;
const { place, newest, quote, limit, until, fillsOf, statesOf, settled } = house;

const legs = (profit: string, loss: string) => ({
  takeProfit: { limitPrice: decimal(profit) },
  stopLoss: { stopPrice: decimal(loss) },
});
const BRACKET = { orderClass: 'BRACKET', ...legs('110', '90') } as const;
const OCO = { orderClass: 'OCO', side: 'SELL', quantity: '10', ...legs('110', '90') } as const;

/** The orders of a group by leg. */
async function groupOf({ groupId }: Order) {
  const where = { groupId: String(groupId) };
  const orders = await exchange.orders.list(owner, { where }, {});
  const leg = (name: Order['leg']): Order => {
    const found = orders.find((order) => order.leg === name);
    if (!found) throw new Error(`There is no ${String(name)}.`);
    return found;
  };
  return { orders, leg };
}
const cancel = (order: Order) =>
  exchange.orders.cancel(owner, { orderId: order.id, idempotencyKey: randomUUID() });
const summaries = async (order: Order): Promise<Record<string, string>> => {
  const { orders } = await groupOf(order);
  return Object.fromEntries(
    orders.map((each) => [
      String(each.leg),
      `${each.status} ${each.filledQuantity.toFixed()} of ${each.quantity.toFixed()}`,
    ]),
  );
};

describe('a bracket', () => {
  test('enters, and takes its profit: the stop-loss is canceled with it', async () => {
    quote({ bid: '99', ask: '100' });
    const entry = await place({ quantity: '10', clientOrderId: 'my-bracket', ...BRACKET });
    expect(summaryOf(entry)).toEqual(['FILLED', '10', '0']);
    const { leg } = await groupOf(entry);
    const [profit, loss] = [leg('TAKE_PROFIT'), leg('STOP_LOSS')];
    expect([profit, loss].map((each) => each.clientOrderId)).toEqual([
      ...['my-bracket:take-profit', 'my-bracket:stop-loss'],
    ]);
    expect(summaryOf(profit)).toEqual(['ACCEPTED', '0', '0']);
    quote({ bid: '110', ask: '111' });
    await until(profit, ['FILLED', '10', '0']);
    expect(await statesOf(profit)).toEqual(['PENDING', 'SUBMITTED', 'ACCEPTED', 'FILLED']);
    expect(summaryOf(await newest(loss))).toEqual(['CANCELED', '0', '0']);
    // What is canceled is never filled, wherever the price goes.
    quote({ bid: '80', ask: '81' });
    await settled();
    expect(summaryOf(await newest(loss))).toEqual(['CANCELED', '0', '0']);
  });

  test('ends its loss: the take-profit is canceled with it', async () => {
    quote({ bid: '99', ask: '100' });
    const entry = await place({ quantity: '10', ...BRACKET });
    const { leg } = await groupOf(entry);
    quote({ bid: '89', ask: '90' });
    await until(leg('STOP_LOSS'), ['FILLED', '10', '0']);
    expect(await fillsOf(leg('STOP_LOSS'))).toEqual(['10 @ 89']);
    expect(summaryOf(await newest(leg('TAKE_PROFIT')))).toEqual(['CANCELED', '0', '0']);
  });

  test('waits with its legs until it is filled; they hold nothing back', async () => {
    quote();
    const entry = await limit('100', { quantity: '10', ...BRACKET });
    expect(await summaries(entry)).toEqual({
      ENTRY: 'ACCEPTED 0 of 10',
      TAKE_PROFIT: 'PENDING 0 of 10',
      STOP_LOSS: 'PENDING 0 of 10',
    });
    expect(summaryOf(entry)).toEqual(['ACCEPTED', '0', '1000']);
    // Beyond both legs, but nothing is held that they could sell.
    quote({ bid: '120', ask: '121' });
    await settled();
    expect((await summaries(entry))['TAKE_PROFIT']).toBe('PENDING 0 of 10');
  });

  test('filled in parts is left in parts: legs are for what is held, and no more', async () => {
    quote();
    const entry = await limit('100', { quantity: '10', ...BRACKET });
    quote({ bid: '99', ask: '100', askSize: '4' });
    await until(entry, ['PARTIALLY_FILLED', '4', '600']);
    expect(await summaries(entry)).toEqual({
      ENTRY: 'PARTIALLY_FILLED 4 of 10',
      TAKE_PROFIT: 'ACCEPTED 0 of 4',
      STOP_LOSS: 'ACCEPTED 0 of 4',
    });
    quote({ bid: '99', ask: '99.5', askSize: '3' });
    await until(entry, ['PARTIALLY_FILLED', '7', '300']);
    quote({ bid: '110', ask: '111', bidSize: '5' });
    const { leg } = await groupOf(entry);
    await until(leg('TAKE_PROFIT'), ['PARTIALLY_FILLED', '5', '0']);
    expect(await summaries(entry)).toEqual({
      ENTRY: 'PARTIALLY_FILLED 7 of 10',
      TAKE_PROFIT: 'PARTIALLY_FILLED 5 of 7',
      STOP_LOSS: 'ACCEPTED 0 of 2', // 7 − 5
    });
    // The exit is over with the last two: the rest of the entry is not bought any more.
    quote({ bid: '90', ask: '101' });
    await until(leg('STOP_LOSS'), ['FILLED', '2', '0']);
    expect(await summaries(entry)).toEqual({
      ENTRY: 'CANCELED 7 of 10',
      TAKE_PROFIT: 'CANCELED 5 of 7',
      STOP_LOSS: 'FILLED 2 of 2',
    });
    const held = await database.query(
      'SELECT 1 FROM positions WHERE closed_at IS NULL AND account_id = $1',
      [account().id],
    );
    expect(held).toEqual([]);
  });

  test('canceled before it fills: its legs go with it, and so does it with one of them', async () => {
    quote();
    const first = await limit('100', { quantity: '10', ...BRACKET });
    await cancel(first);
    const all = {
      ENTRY: 'CANCELED 0 of 10',
      TAKE_PROFIT: 'CANCELED 0 of 10',
      STOP_LOSS: 'CANCELED 0 of 10',
    };
    expect(await summaries(first)).toEqual(all);
    const second = await limit('100', { quantity: '10', ...BRACKET });
    const { leg } = await groupOf(second);
    await cancel(leg('STOP_LOSS'));
    expect(await summaries(second)).toEqual(all);
    quote({ bid: '80', ask: '81' });
    await settled();
    expect(await summaries(second)).toEqual(all);
  });

  test('whose time is over ends as a whole', async () => {
    quote();
    const expiresAt = new Date(time.clock.now().getTime() + 10_000);
    const terms = { timeInForce: 'GTD', expiresAt } as const;
    const entry = await limit('100', { quantity: '10', ...terms, ...BRACKET });
    time.advance(10_000);
    quote();
    await until(entry, ['EXPIRED', '0', '0']);
    expect((await summaries(entry))['TAKE_PROFIT']).toBe('EXPIRED 0 of 10');
  });

  test('is canceled whole with all orders of its account', async () => {
    quote();
    const entry = await limit('100', { quantity: '10', ...BRACKET });
    const key = { accountId: account().id, idempotencyKey: randomUUID() };
    expect(await exchange.orders.cancelAll(owner, key)).toHaveLength(3);
    expect((await summaries(entry))['STOP_LOSS']).toBe('CANCELED 0 of 10');
  });

  test('with a leg on the wrong side is denied, and no leg is stored', async () => {
    quote({ bid: '99', ask: '100' });
    const wrong = { ...legs('100', '90'), orderClass: 'BRACKET', quantity: '10' } as const;
    await expect(place(wrong)).rejects.toBeInstanceOf(PriceOnWrongSide);
    const orders = await exchange.orders.list(owner, {}, { accountId: account().id });
    expect(orders.map(({ status, leg }) => [status, leg])).toEqual([['DENIED', 'ENTRY']]);
  });

  test('takes no client order id that a leg of it would share', async () => {
    quote();
    await limit('50', { quantity: '1', clientOrderId: 'x:stop-loss' });
    await expect(place({ quantity: '1', clientOrderId: 'x', ...BRACKET })).rejects.toEqual(
      new IdempotencyConflict('x:stop-loss'),
    );
  });
});

describe('OCO', () => {
  test('sells what is held once, and no other order sells it besides', async () => {
    await floor.hold(account(), acme(), '10');
    quote();
    const profit = await place(OCO);
    expect([profit.leg, profit.type, profit.status]).toEqual(['TAKE_PROFIT', 'LIMIT', 'ACCEPTED']);
    await expect(place({ side: 'SELL', quantity: '1' })).rejects.toBeInstanceOf(
      InsufficientPosition,
    );
    quote({ bid: '90', ask: '91', bidSize: '3' });
    const { leg } = await groupOf(profit);
    await until(leg('STOP_LOSS'), ['PARTIALLY_FILLED', '3', '0']);
    expect((await summaries(profit))['TAKE_PROFIT']).toBe('ACCEPTED 0 of 7');
    await expect(place({ side: 'SELL', quantity: '1' })).rejects.toBeInstanceOf(
      InsufficientPosition,
    );
    quote({ bid: '111', ask: '112' });
    // The stop has gone off: both reach, and the older order at the market comes first.
    await until(leg('STOP_LOSS'), ['FILLED', '10', '0']);
    expect((await summaries(profit))['TAKE_PROFIT']).toBe('CANCELED 0 of 7');
  });

  test('sells its shares once: what else is held can be sold besides, and no more', async () => {
    await floor.hold(account(), acme(), '20');
    quote();
    await place(OCO);
    // 20 are held, and the two legs are for the same 10.
    const other = await limit('120', { side: 'SELL', quantity: '10' });
    expect(other.status).toBe('ACCEPTED');
    const more = limit('120', { side: 'SELL', quantity: '1' });
    await expect(more).rejects.toBeInstanceOf(InsufficientPosition);
  });

  test('a stop-loss that is the only leg is for its shares alone', async () => {
    quote({ bid: '99', ask: '100' });
    const stopLoss = { stopPrice: decimal('90') };
    const entry = await place({ quantity: '10', orderClass: 'OTO', stopLoss });
    expect(entry.status).toBe('FILLED');
    const sale = limit('120', { side: 'SELL', quantity: '1' });
    await expect(sale).rejects.toBeInstanceOf(InsufficientPosition);
  });

  test('canceled at one leg is canceled at both', async () => {
    await floor.hold(account(), acme(), '10');
    quote();
    const profit = await place(OCO);
    const { leg } = await groupOf(profit);
    await cancel(leg('STOP_LOSS'));
    expect((await newest(profit)).status).toBe('CANCELED');
    expect(summaryOf(await place({ side: 'SELL', quantity: '10' }))[0]).toBe('FILLED');
  });

  test('for more than is held is denied', async () => {
    await floor.hold(account(), acme(), '9');
    quote();
    await expect(place(OCO)).rejects.toBeInstanceOf(InsufficientPosition);
  });
});

test('OTO sets off one other order', async () => {
  quote({ bid: '99', ask: '100' });
  const stopLoss = { stopPrice: decimal('95'), limitPrice: decimal('94') };
  const entry = await place({ orderClass: 'OTO', quantity: '10', stopLoss });
  expect(await summaries(entry)).toEqual({
    ENTRY: 'FILLED 10 of 10',
    STOP_LOSS: 'ACCEPTED 0 of 10',
  });
  const { leg } = await groupOf(entry);
  quote({ bid: '95', ask: '96' });
  await until(leg('STOP_LOSS'), ['FILLED', '10', '0']);
  expect(leg('STOP_LOSS').type).toBe('STOP_LIMIT');
});

describe('an order by notional', () => {
  const byNotional = (notional: string, given: object = {}) =>
    exchange.orders.place(owner, {
      ...{
        accountId: account().id,
        symbol: acme().symbol,
        side: 'BUY',
        clientOrderId: randomUUID(),
      },
      ...{ notional: decimal(notional), ...given },
    });

  test('buys as many lots as that pays for, and keeps both numbers', async () => {
    quote({ bid: '99', ask: '101' });
    const order = await byNotional('1000');
    // 1000 / 101 = 9.9…
    expect([order.quantity.toFixed(), order.notional?.toFixed()]).toEqual(['9', '1000']);
    expect(await fillsOf(order)).toEqual(['9 @ 101']);
  });

  test('that pays for none is denied, with the price of one', async () => {
    quote({ bid: '99', ask: '101' });
    const denied = await byNotional('100.99').catch((error: unknown) => error);
    expect(denied).toBeInstanceOf(NotionalTooSmall);
    expect(denied).toMatchObject({ notional: decimal('100.99'), minimum: decimal('101') });
  });

  test('is denied without a quote, and stored without a quantity', async () => {
    await expect(byNotional('1000')).rejects.toBeInstanceOf(NoQuote);
    const [order] = await exchange.orders.list(owner, {}, { accountId: account().id });
    expect([order?.status, order?.quantity.toFixed()]).toEqual(['DENIED', '0']);
  });

  test.each([
    ['notional', { type: 'LIMIT', limitPrice: decimal(100) }],
    ['timeInForce', { timeInForce: 'FOK' }],
    ['quantity', { quantity: decimal(1) }],
  ])('is asked for its %s: %j', async (field, given) => {
    await expect(byNotional('1000', given)).rejects.toMatchObject({ field });
  });
});
