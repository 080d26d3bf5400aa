import { expect, test } from 'vitest';
import { summaryOf } from '../../support/exchange.ts';
import { decimal } from '../../support/trading-floor.ts';
import { openOrderHouse } from './order-house.ts';
import type { Order } from '../../../src/services/platform/prisma/client.ts';

const house = await openOrderHouse();
const { database, time, owner, exchange, account } = house;
const { place, newest, quote, limit, until, fillsOf, settled } = house;

const legs = (profit: string, loss: string) => ({
  takeProfit: { limitPrice: decimal(profit) },
  stopLoss: { stopPrice: decimal(loss) },
});

const allowShort = () =>
  database.query('UPDATE accounts SET allows_short = true WHERE id = $1', [account().id]);

/** What the account holds. */
async function held(): Promise<string[]> {
  const rows = await database.query<{ quantity: string }>(
    `SELECT trim_scale(quantity)::text AS quantity FROM positions
     WHERE account_id = $1 AND closed_at IS NULL`,
    [account().id],
  );
  return rows.map(({ quantity }) => quantity);
}

async function legOf({ groupId }: Order, name: Order['leg']): Promise<Order> {
  const orders = await exchange.orders.list(owner, { where: { groupId: String(groupId) } }, {});
  const found = orders.find(({ leg }) => leg === name);
  if (!found) throw new Error(`There is no ${String(name)}.`);
  return found;
}

test('legs of OCO never sell short what another order has sold', async () => {
  await allowShort();
  quote({ bid: '99', ask: '100' });
  await place({ quantity: '20' });
  const oco = { orderClass: 'OCO', side: 'SELL', quantity: '20', ...legs('110', '90') } as const;
  const profit = await place(oco);
  await place({ side: 'SELL', quantity: '20' });
  quote({ bid: '110', ask: '111' });
  await until(profit, ['CANCELED', '0', '0']);
  expect((await newest(profit)).reasonCode).toBe('NOTHING_HELD');
  expect(summaryOf(await legOf(profit, 'STOP_LOSS'))).toEqual(['CANCELED', '0', '0']);
  expect(await held()).toEqual([]);
});

test('a leg fills what is held against it, and ends with its group', async () => {
  await allowShort();
  quote({ bid: '99', ask: '100' });
  const entry = await place({ orderClass: 'BRACKET', quantity: '20', ...legs('110', '90') });
  await place({ side: 'SELL', quantity: '12' });
  quote({ bid: '89', ask: '90' });
  const loss = await legOf(entry, 'STOP_LOSS');
  // 20 − 12
  await until(loss, ['CANCELED', '8', '0']);
  expect(await fillsOf(loss)).toEqual(['8 @ 89']);
  expect(summaryOf(await legOf(entry, 'TAKE_PROFIT'))).toEqual(['CANCELED', '0', '0']);
  expect(await held()).toEqual([]);
});

test('a leg that buys a short back never goes long', async () => {
  await allowShort();
  quote({ bid: '100', ask: '101' });
  const terms = { side: 'SELL', quantity: '10', ...legs('90', '110') } as const;
  const entry = await place({ orderClass: 'BRACKET', ...terms });
  await place({ quantity: '7' });
  quote({ bid: '89', ask: '90' });
  const profit = await legOf(entry, 'TAKE_PROFIT');
  // 10 − 7
  await until(profit, ['CANCELED', '3', '0']);
  expect(await held()).toEqual([]);
});

test('legs stay to guard what an entry filled before its time was over', async () => {
  quote();
  const expiresAt = new Date(time.clock.now().getTime() + 10_000);
  const terms = { timeInForce: 'GTD', expiresAt, orderClass: 'BRACKET' } as const;
  const entry = await limit('100', { quantity: '10', ...terms, ...legs('110', '90') });
  quote({ bid: '99', ask: '100', askSize: '4' });
  await until(entry, ['PARTIALLY_FILLED', '4', '600']);
  time.advance(10_000);
  quote({ bid: '99', ask: '101' });
  await until(entry, ['EXPIRED', '4', '0']);
  await settled();
  const loss = await legOf(entry, 'STOP_LOSS');
  expect([loss.status, loss.timeInForce, loss.expiresAt]).toEqual(['ACCEPTED', 'GTC', null]);
  expect(summaryOf(await legOf(entry, 'TAKE_PROFIT'))).toEqual(['ACCEPTED', '0', '0']);
  quote({ bid: '89', ask: '90' });
  await until(loss, ['FILLED', '4', '0']);
  expect(await held()).toEqual([]);
});
