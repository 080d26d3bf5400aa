import { expect, test } from 'vitest';
import { InsufficientFunds, InsufficientPosition } from '../../../src/services/trading/errors.ts';
import { refusalOf } from '../../support/books.ts';
import { openOrderHouse } from './order-house.ts';

const { place, quote, account, database, floor, owner, limit, newest, settled } =
  await openOrderHouse();

const allowShort = (isAllowed = true) =>
  database.query('UPDATE accounts SET allows_short = $2 WHERE id = $1', [account().id, isAllowed]);

/** Cash, what is reserved of it, and what is held with its cost, of the account as it is stored. */
async function books(): Promise<string[]> {
  const [row] = await database.query<{ cash: string; reserved: string; held: string }>(
    `SELECT trim_scale(a.cash)::text AS cash, trim_scale(a.reserved)::text AS reserved,
       coalesce((SELECT trim_scale(quantity) || ' for ' || trim_scale(total_cost)
         FROM positions WHERE account_id = a.id AND closed_at IS NULL), 'nothing') AS held
     FROM accounts a WHERE id = $1`,
    [account().id],
  );
  return row ? [row.cash, row.reserved, row.held] : [];
}

/** Realized by each of the account's trades, the latest first. */
async function realized(): Promise<string[]> {
  const trades = await floor.portfolios.trades(owner, {}, { accountId: account().id });
  return trades.map(({ realizedGross }) => realizedGross.toFixed());
}

/** Both sides at one price, so that a market order fills there. */
const at = (price: string) => {
  quote({ bid: price, ask: price });
};

test('the worked example: a sale through zero closes 15 at a loss of 45, and opens a short of 5', async () => {
  await allowShort();
  at('10');
  await place({ quantity: '10' });
  at('20');
  await place({ quantity: '10' });
  at('18');
  await place({ side: 'SELL', quantity: '5' });
  // 10,000 − 100 − 200 + 90; 15 at an average of 15.
  expect(await books()).toEqual(['9790', '0', '15 for 225']);
  at('12');
  await place({ side: 'SELL', quantity: '20' });
  // 15 × (12 − 15) = −45; 9,790 + 240; 5 × 12 = 60 came in for the short, which holds 2 × 60.
  expect(await realized()).toEqual(['-45', '15', '0', '0']);
  expect(await books()).toEqual(['10030', '120', '-5 for -60']);
});

test('a short that is bought back frees what it held, and books what it brought', async () => {
  await allowShort();
  at('50');
  await place({ side: 'SELL', quantity: '100' });
  // 10,000 + 5,000, of which 2 × 5,000 are held: 5,000 are free.
  expect(await books()).toEqual(['15000', '10000', '-100 for -5000']);
  expect(await refusalOf(place({ side: 'SELL', quantity: '101' }))).toBeInstanceOf(
    InsufficientFunds,
  );
  await place({ side: 'SELL', quantity: '100' });
  expect(await books()).toEqual(['20000', '20000', '-200 for -10000']);
  // With nothing free, 50 of 200 are bought back at 60: −3,000, and a quarter of 20,000 comes free.
  at('60');
  await place({ quantity: '50' });
  expect(await books()).toEqual(['17000', '15000', '-150 for -7500']);
  at('40');
  await place({ quantity: '150' });
  // 17,000 − 6,000; realized 50 × −10 and 150 × 10.
  expect(await books()).toEqual(['11000', '0', 'nothing']);
  expect(await realized()).toEqual(['1500', '-500', '0', '0']);
});

test('a short that lost more than there is cannot be bought back whole, and takes no cash below zero', async () => {
  await allowShort();
  at('50');
  await place({ side: 'SELL', quantity: '200' });
  expect(await books()).toEqual(['20000', '20000', '-200 for -10000']);
  // 200 × 101 × 1.05 = 21,210; 20,000 are held.
  at('101');
  expect(await refusalOf(place({ quantity: '200' }))).toMatchObject({
    ...{ code: 'INSUFFICIENT_FUNDS', message: 'Order needs 1210; 0 is free.' },
  });
  expect(await books()).toEqual(['20000', '20000', '-200 for -10000']);
});

test('an open short sale holds its notional, in parts, until it is filled or canceled', async () => {
  await allowShort();
  quote({ bid: '99', ask: '101' });
  const order = await limit('100', { side: 'SELL', quantity: '30' });
  expect(await books()).toEqual(['10000', '3000', 'nothing']);
  // A third of it: 2,000 for the rest, and 2 × 1,000 for the short.
  quote({ bid: '100', ask: '101', bidSize: '10' });
  await settled();
  await settled();
  expect((await newest(order)).filledQuantity.toFixed()).toBe('10');
  expect(await books()).toEqual(['11000', '4000', '-10 for -1000']);
});

test('without the leave of the account nothing is sold short, nor filled after it was taken back', async () => {
  quote({ bid: '99', ask: '101' });
  const refusal = await refusalOf(place({ side: 'SELL', quantity: '1' }));
  expect(refusal).toBeInstanceOf(InsufficientPosition);
  await allowShort();
  const order = await limit('100', { side: 'SELL', quantity: '10' });
  await allowShort(false);
  quote({ bid: '100', ask: '101' });
  await settled();
  expect(await newest(order)).toMatchObject({
    ...{ status: 'REJECTED', reasonCode: 'INSUFFICIENT_POSITION' },
  });
  expect(await books()).toEqual(['10000', '0', 'nothing']);
});
