import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { decimal } from '../../../support/trading-floor.ts';
import { openBrokerHouse } from './broker-house.ts';

const house = await openBrokerHouse();
const { open, place, cancel, until, venue, booksAreTheVenues } = house;

test('a position is closed only once no open order of it is at the broker', async () => {
  await open();
  const { orders } = house.office.current;
  const bought = await place();
  venue().fill(bought.id, '10', '150');
  await until(bought, ['FILLED', '10']);
  const open4 = { side: 'SELL', quantity: decimal(4), limitPrice: decimal(160) } as const;
  const resting = await place(open4);
  const of = { accountId: house.accountId(), symbol: 'AAPL.ALPACA' };
  const command = { ...of, clientOrderId: randomUUID() };
  // Until the broker has canceled it, it may sell 4 of the 10.
  const early = orders.closePosition(house.viewer(), command);
  await expect(early).rejects.toMatchObject({ code: 'ORDERS_AT_BROKER', symbol: of.symbol });
  const all = { accountId: of.accountId, isCanceling: true, idempotencyKey: randomUUID() };
  const answers = await orders.closeAllPositions(house.viewer(), all);
  expect(answers).toMatchObject([{ code: 'ORDERS_AT_BROKER', symbol: of.symbol }]);
  expect((await house.newest(resting)).status).toBe('ACCEPTED');
  expect(venue().order(resting.id)?.isOpen).toBe(true);
  await cancel(resting);
  await until(resting, ['CANCELED', '0']);
  // The same request as before.
  const closing = await orders.closePosition(house.viewer(), command);
  expect([closing.side, closing.type, closing.quantity.toFixed()]).toEqual([
    'SELL',
    'MARKET',
    '10',
  ]);
  venue().fill(closing.id, '10', '151');
  await until(closing, ['FILLED', '10']);
  await booksAreTheVenues();
  expect(await orders.closeAllPositions(house.viewer(), all)).toMatchObject([
    { code: 'ORDERS_AT_BROKER', symbol: of.symbol },
  ]);
});
