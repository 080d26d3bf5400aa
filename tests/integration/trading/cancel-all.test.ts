import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { summaryOf } from '../../support/exchange.ts';
import { statementsOf } from '../../support/statement-watch.ts';
import { decimal } from '../../support/trading-floor.ts';
import { openOrderHouse } from './order-house.ts';

const {
  database,
  time,
  floor,
  owner,
  exchange,
  account,
  acme,
  place,
  newest,
  quote,
  limit,
  stop,
  fillsOf,
  settled,
  addOrders,
} = await openOrderHouse();

describe('cancelling all orders of an account', () => {
  const cancelAll = (given: { symbol?: string; idempotencyKey?: string } = {}) =>
    exchange.orders.cancelAll(owner, {
      ...{ accountId: account().id, idempotencyKey: randomUUID(), ...given },
    });

  test('ends what works, frees its cash, and leaves what is over', async () => {
    quote();
    const filled = await place({ quantity: '1' });
    const resting = await limit('90', { quantity: '1' });
    const armed = await stop('150', { quantity: '1' });
    const canceled = await cancelAll();
    expect(canceled.map(({ id }) => id)).toEqual([armed.id, resting.id]);
    expect(canceled.map(summaryOf)).toEqual([
      ['CANCELED', '0', '0'],
      ['CANCELED', '0', '0'],
    ]);
    expect((await newest(filled)).status).toBe('FILLED');
    const [row] = await floor.portfolios.list(owner, { where: { id: account().id } });
    expect(row?.reserved.toFixed()).toBe('0');
    quote({ bid: '80', ask: '81' });
    await settled();
    expect(await fillsOf(resting)).toEqual([]);
  });

  test('can be told of one instrument, and says the same again for its key', async () => {
    const other = await floor.addInstrument();
    quote();
    exchange.quote(other);
    const here = await limit('90', { quantity: '1' });
    const limitPrice = decimal('90');
    const elsewhere = await exchange.place(owner, account(), {
      ...{ instrument: other, quantity: '1', type: 'LIMIT', limitPrice },
    });
    const command = { symbol: acme().symbol, idempotencyKey: randomUUID() };
    expect((await cancelAll(command)).map(({ id }) => id)).toEqual([here.id]);
    const later = await limit('90', { quantity: '1' });
    expect((await cancelAll(command)).map(({ id }) => id)).toEqual([here.id]);
    expect([(await newest(elsewhere)).status, (await newest(later)).status]).toEqual([
      'ACCEPTED',
      'ACCEPTED',
    ]);
  });

  test("finds no account that is another's", async () => {
    quote();
    const order = await limit('90', { quantity: '1' });
    const stranger = await floor.addPerson();
    const command = { accountId: account().id, idempotencyKey: randomUUID() };
    await expect(exchange.orders.cancelAll(stranger, command)).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    expect((await newest(order)).status).toBe('ACCEPTED');
  });

  test('ends a thousand with as few statements as two, each with its history', async () => {
    await addOrders(account(), 2);
    const few = await statementsOf(cancelAll);
    await addOrders(account(), 1_000);
    const many = await statementsOf(async () => {
      expect(await cancelAll()).toHaveLength(1_000);
    });
    expect(many.length).toBe(few.length);
    const [row] = await floor.portfolios.list(owner, { where: { id: account().id } });
    expect(row?.reserved.toFixed()).toBe('0');
    const lines = await database.query(
      `SELECT count(*)::int FROM order_events e JOIN orders o ON o.id = e.order_id
       WHERE o.account_id = $1 AND from_status = 'ACCEPTED' AND to_status = 'CANCELED'`,
      [account().id],
    );
    expect(lines).toEqual([{ count: 1_002 }]);
  });

  test('ends the whole group of which one is among the oldest', async () => {
    quote();
    await addOrders(account(), 999);
    time.advance(1_000);
    quote();
    const group = await place({
      ...{ type: 'LIMIT', limitPrice: decimal('90'), quantity: '1', orderClass: 'BRACKET' },
      ...{ takeProfit: { limitPrice: decimal('110') }, stopLoss: { stopPrice: decimal('80') } },
    });
    await cancelAll();
    const where = { groupId: group.groupId };
    const left = await exchange.orders.list(owner, { where }, {});
    expect(left.map(({ status }) => status)).toEqual(['CANCELED', 'CANCELED', 'CANCELED']);
  });
});
