import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { InsufficientFunds } from '../../../src/services/trading/errors.ts';
import { createBooks, refusalOf } from '../../support/books.ts';
import { summaryOf } from '../../support/exchange.ts';
import { decimal } from '../../support/trading-floor.ts';
import { openOrderHouse } from './order-house.ts';

/*
 * The examples that DOMAIN works out, on the real services. Those of bars are in `bar-matching`, those of the
 * states in `order-state`, and that of the average cost in `short-selling`.
 */
const house = await openOrderHouse({ instrument: { feeBps: decimal(10) } });
const { database, owner, account, quote, limit, place, newest, until } = house;
const books = createBooks(database);
const cashNow = async () => {
  const [row] = await database.query<Record<'cash' | 'reserved', string>>(
    `SELECT trim_scale(cash)::text AS cash, trim_scale(reserved)::text AS reserved
     FROM accounts WHERE id = $1`,
    [account().id],
  );
  return [row?.cash, row?.reserved];
};
const withoutFees = () =>
  database.query(`UPDATE accounts SET fee_model = 'NONE' WHERE id = $1`, [account().id]);

describe('buying power', () => {
  test('of 10,000 with 3,000 in an open limit refuses 8,000, and takes the 7,000 that are free', async () => {
    await withoutFees();
    quote();
    const open = await limit('100', { quantity: '30' }); // 30 × 100 = 3,000
    expect(summaryOf(open)).toEqual(['ACCEPTED', '0', '3000']);
    const before = await books.of(account());
    const refusal = await refusalOf(limit('100', { quantity: '80' })); // 80 × 100 = 8,000
    expect(refusal).toBeInstanceOf(InsufficientFunds);
    expect(refusal).toMatchObject({ required: decimal(8_000), available: decimal(7_000) });
    expect(await books.of(account())).toEqual(before);
    expect(summaryOf(await limit('100', { quantity: '70' }))).toEqual(['ACCEPTED', '0', '7000']);
    expect(await cashNow()).toEqual(['10000', '10000']);
  });

  test('is less by 1.05 times the ask and the fee on that until a market order fills', async () => {
    quote({ askSize: '0' });
    const order = await place({ quantity: '10' });
    // 10 × 101 × 1.05 = 1,060.50; 10 bps of it are 1.0605, which is 1.06: 1,061.56.
    expect(summaryOf(order)).toEqual(['ACCEPTED', '0', '1061.56']);
    expect(await cashNow()).toEqual(['10000', '1061.56']);
    quote({ askSize: '10' });
    await until(order, ['FILLED', '10', '0']);
    // 10 × 101 = 1,010 and 10 bps of it, 1.01: 10,000 − 1,011.01 = 8,988.99.
    expect(await cashNow()).toEqual(['8988.99', '0']);
  });

  test('is less by the full notional of a short, without a buffer', async () => {
    await withoutFees();
    await database.query('UPDATE accounts SET allows_short = true WHERE id = $1', [account().id]);
    quote({ bidSize: '0' });
    const order = await place({ side: 'SELL', quantity: '10' });
    expect(summaryOf(order)).toEqual(['ACCEPTED', '0', '990']); // 10 × 99
  });
});

test('a denied order is kept, and its client order id gets the same answer again', async () => {
  quote();
  const order = { quantity: '1000', clientOrderId: randomUUID() };
  const first = await refusalOf(place(order));
  const again = await refusalOf(place(order));
  expect(first).toBeInstanceOf(InsufficientFunds);
  expect(again).toEqual(first);
  const stored = await books.orders(account());
  expect(stored).toEqual([
    expect.objectContaining({ status: 'DENIED', reason_code: 'INSUFFICIENT_FUNDS' }),
  ]);
  expect(first).toMatchObject({ orderId: stored[0]?.id });
});

test('fills in part take what is quoted, and no more of it until the quote changes', async () => {
  quote({ askSize: '4' });
  const order = await place({ quantity: '10' });
  await until(order, ['PARTIALLY_FILLED', '4', '636.94']); // 0.6 × 1,061.56 = 636.936
  quote({ askSize: '4' });
  await house.settled();
  expect((await newest(order)).filledQuantity.toFixed()).toBe('4');
  quote({ ask: '100', askSize: '5' });
  // One of the six that were left: 636.94 / 6 = 106.1567.
  await until(order, ['PARTIALLY_FILLED', '9', '106.16']);
});

test('cash and market value are what there was, with all profits and without fees', async () => {
  quote();
  const bought = await place({ quantity: '20' });
  await until(bought, ['FILLED', '20', '0']);
  quote({ bid: '110', ask: '112' });
  const sold = await place({ side: 'SELL', quantity: '5' });
  await until(sold, ['FILLED', '5', '0']);
  // Bought: 20 × 101 = 2,020, fee 2.02. Sold: 5 × 110 = 550, fee 0.55.
  // 10,000 − 2,020 − 2.02 + 550 − 0.55 = 8,527.43
  expect(await cashNow()).toEqual(['8527.43', '0']);
  // 15 at 110 are 1,650, cost 15 × 101 = 1,515: unrealized 135. Realized 5 × (110 − 101) = 45.
  // 8,527.43 + 1,650 = 10,177.43 = 10,000 + 45 + 135 − 2.57
  const [position] = await positions();
  expect(position).toEqual({ quantity: '15', cost: '1515', realized: '45' });
});

async function positions() {
  const rows = await house.floor.portfolios.positions(owner, {}, { accountId: account().id });
  return rows.map(({ quantity, totalCost, realizedPnl }) => ({
    ...{ quantity: quantity.toFixed(), cost: totalCost.toFixed(), realized: realizedPnl.toFixed() },
  }));
}
