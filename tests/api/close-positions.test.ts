import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { userViewer } from '../../src/services/platform/viewer.ts';
import { openTestApp } from '../support/app.ts';
import { createBooks, refusalOf } from '../support/books.ts';
import { eventually } from '../support/outbox.ts';
import { createTradingFloor, decimal } from '../support/trading-floor.ts';

const house = await openTestApp();
const floor = createTradingFloor(house.database);
const books = createBooks(house.database);
const ada = await house.addPerson('ada');
const viewer = userViewer({ userId: ada.id, role: 'USER' });
const { closings, orders, portfolios } = house.app.services;
const symbol = 'ACME.SIM';

/** An account that holds 10, of which an order at 200 is to sell 4. */
async function openHolding() {
  house.quote({ bid: '99', ask: '101' });
  const account = await floor.openAccount(viewer, '10000');
  await floor.hold(account, house.instrument, '10');
  const resting = await orders.place(viewer, {
    ...{ accountId: account.id, symbol, side: 'SELL', quantity: decimal(4), type: 'LIMIT' },
    ...{ limitPrice: decimal(110), clientOrderId: randomUUID() },
  });
  const held = async () => {
    const [position] = await portfolios.positions(viewer, {}, { accountId: account.id });
    return String(position?.quantity);
  };
  const statusOf = async ({ id }: { id: string }) =>
    (await books.orders(account)).find((row) => row.id === id)?.status;
  return { account, resting, held, statusOf };
}

test('a position is closed, and what would have closed it twice is canceled', async () => {
  const { account, resting, held, statusOf } = await openHolding();
  const command = { accountId: account.id, symbol, clientOrderId: randomUUID() };
  const order = await closings.close(viewer, command);
  expect([order.side, order.type, String(order.quantity)]).toEqual(['SELL', 'MARKET', '10']);
  await eventually('it is sold', async () => (await held()) === '0');
  expect(await statusOf(resting)).toBe('CANCELED');
  // The same again is the same order.
  expect((await closings.close(viewer, command)).id).toBe(order.id);
  expect(await books.orders(account)).toHaveLength(2);
});

test.each([
  [{ quantity: decimal(3) }, '7'],
  // 25% of 10 are 2.5; the lot is 1
  [{ percent: decimal(25) }, '8'],
])('a part of it: %o leaves %s', async (part, left) => {
  const { account, held } = await openHolding();
  await closings.close(viewer, {
    ...{ accountId: account.id, symbol, clientOrderId: randomUUID(), ...part },
  });
  await eventually('it is sold', async () => (await held()) === left);
});

test('nothing held, or less than that, is refused and cancels nothing', async () => {
  const { account, resting, statusOf, held } = await openHolding();
  const command = { accountId: account.id, symbol, clientOrderId: randomUUID() };
  const tooMuch = closings.close(viewer, { ...command, quantity: decimal(11) });
  expect(await refusalOf(tooMuch)).toMatchObject({ code: 'INSUFFICIENT_POSITION' });
  const nothing = closings.close(viewer, { ...command, symbol: 'NOTHING.SIM' });
  expect(await refusalOf(nothing)).toMatchObject({ code: 'NOTHING_HELD' });
  expect(await statusOf(resting)).toBe('ACCEPTED');
  expect(await held()).toBe('10');
});

test('all positions are closed at once, with or without what stands open', async () => {
  const { account, resting, held, statusOf } = await openHolding();
  const command = { accountId: account.id, idempotencyKey: randomUUID() };
  const refused = await closings.closeAll(viewer, { ...command, isCanceling: false });
  // 10 are held, and 4 of them in an open order.
  expect(refused).toMatchObject([{ code: 'INSUFFICIENT_POSITION' }]);
  expect(await statusOf(resting)).toBe('ACCEPTED');
  const again = { accountId: account.id, idempotencyKey: randomUUID(), isCanceling: true };
  expect(await closings.closeAll(viewer, again)).toMatchObject([{ side: 'SELL' }]);
  await eventually('it is sold', async () => (await held()) === '0');
  expect(await statusOf(resting)).toBe('CANCELED');
  expect(await closings.closeAll(viewer, again)).toEqual([]);
});
