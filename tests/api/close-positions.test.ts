import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { userViewer } from '../../src/services/platform/viewer.ts';
import { openTestApp } from '../support/app.ts';
import { createBooks, refusalOf } from '../support/books.ts';
import { encodeGlobalId } from '../../src/schema/global-ids.ts';
import type { Account } from '../../src/services/platform/prisma/client.ts';
import { openGraph } from '../support/graph-call.ts';
import { eventually } from '../support/outbox.ts';
import { createTradingFloor, decimal } from '../support/trading-floor.ts';

const house = await openTestApp();
const floor = createTradingFloor(house.database);
const books = createBooks(house.database);
const ada = await house.addPerson('ada');
const viewer = userViewer({ userId: ada.id, role: 'USER' });
const graph = openGraph(house);
const { orders, portfolios } = house.app.services;
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
  const order = await orders.closePosition(viewer, command);
  expect([order.side, order.type, String(order.quantity)]).toEqual(['SELL', 'MARKET', '10']);
  await eventually('it is sold', async () => (await held()) === '0');
  expect(await statusOf(resting)).toBe('CANCELED');
  // The same again is the same order.
  expect((await orders.closePosition(viewer, command)).id).toBe(order.id);
  expect(await books.orders(account)).toHaveLength(2);
});

test.each([
  [{ quantity: decimal(3) }, '7'],
  // 25% of 10 are 2.5; the lot is 1
  [{ percent: decimal(25) }, '8'],
])('a part of it: %o leaves %s', async (part, left) => {
  const { account, held } = await openHolding();
  await orders.closePosition(viewer, {
    ...{ accountId: account.id, symbol, clientOrderId: randomUUID(), ...part },
  });
  await eventually('it is sold', async () => (await held()) === left);
});

test('nothing held, or less than that, is refused and cancels nothing', async () => {
  const { account, resting, statusOf, held } = await openHolding();
  const command = { accountId: account.id, symbol, clientOrderId: randomUUID() };
  const tooMuch = orders.closePosition(viewer, { ...command, quantity: decimal(11) });
  expect(await refusalOf(tooMuch)).toMatchObject({ code: 'INSUFFICIENT_POSITION' });
  const nothing = orders.closePosition(viewer, { ...command, symbol: 'NOTHING.SIM' });
  expect(await refusalOf(nothing)).toMatchObject({ code: 'NOTHING_HELD' });
  expect(await statusOf(resting)).toBe('ACCEPTED');
  expect(await held()).toBe('10');
});

test('all positions are closed at once, with or without what stands open', async () => {
  const { account, resting, held, statusOf } = await openHolding();
  const command = { accountId: account.id, idempotencyKey: randomUUID() };
  const refused = await orders.closeAllPositions(viewer, { ...command, isCanceling: false });
  // 10 are held, and 4 of them in an open order.
  expect(refused).toMatchObject([{ code: 'INSUFFICIENT_POSITION' }]);
  expect(await statusOf(resting)).toBe('ACCEPTED');
  const again = { accountId: account.id, idempotencyKey: randomUUID(), isCanceling: true };
  expect(await orders.closeAllPositions(viewer, again)).toMatchObject([{ side: 'SELL' }]);
  await eventually('it is sold', async () => (await held()) === '0');
  expect(await statusOf(resting)).toBe('CANCELED');
  // The same again is answered with the same order; another request finds nothing to close.
  expect(await orders.closeAllPositions(viewer, again)).toMatchObject([{ side: 'SELL' }]);
  const other = { ...again, idempotencyKey: randomUUID() };
  expect(await orders.closeAllPositions(viewer, other)).toEqual([]);
  const changed = orders.closeAllPositions(viewer, { ...again, isCanceling: false });
  expect(await refusalOf(changed)).toMatchObject({ code: 'IDEMPOTENCY_CONFLICT' });
});

test('less than a lot is refused by itself and by name, and the others are closed', async () => {
  const { account, resting, held, statusOf } = await openHolding();
  const dusty = await floor.addInstrument();
  await floor.hold(account, dusty, '0.4');
  const command = { accountId: account.id, idempotencyKey: randomUUID(), isCanceling: true };
  const expected = [
    { side: 'SELL' },
    {
      ...{ code: 'INVALID_QUANTITY', orderId: null },
      message: `The quantity 0.4 of ${dusty.symbol} is not a multiple of 1.`,
    },
  ];
  expect(await orders.closeAllPositions(viewer, command)).toMatchObject(expected);
  await eventually('it is sold', async () => (await held()) === '0' || (await held()) === '0.4');
  expect(await statusOf(resting)).toBe('CANCELED');
  // The same again is answered alike, and another request closes nothing, and denies no order.
  expect(await orders.closeAllPositions(viewer, command)).toMatchObject(expected);
  const other = { ...command, idempotencyKey: randomUUID() };
  expect(await orders.closeAllPositions(viewer, other)).toMatchObject([expected[1]]);
  expect(await books.orders(account)).toHaveLength(2);
  const alone = { accountId: account.id, symbol: dusty.symbol, clientOrderId: randomUUID() };
  expect(await refusalOf(orders.closePosition(viewer, alone))).toMatchObject({
    ...{ code: 'INVALID_QUANTITY', message: 'The quantity 0.4 is not a multiple of 1.' },
  });
});

/** Whether orders of ACME are taken. */
const setTradable = (isTradable: boolean) =>
  house.database.query('UPDATE instruments SET is_tradable = $1 WHERE symbol = $2', [
    ...[isTradable, symbol],
  ]);

/** Fields of the account that holding back cash, or freeing it, changes. */
const reservedOf = async ({ id }: Account) =>
  house.database.query('SELECT reserved::float8 FROM accounts WHERE id = $1', [id]);

test('an order that is refused leaves everything as it was, and is refused again', async () => {
  const { account, resting, held, statusOf } = await openHolding();
  const buying = await orders.place(viewer, {
    ...{ accountId: account.id, symbol, side: 'BUY', quantity: decimal(2), type: 'LIMIT' },
    ...{ limitPrice: decimal(90), clientOrderId: randomUUID() },
  });
  const events = await books.events(account);
  const command = { accountId: account.id, symbol, clientOrderId: randomUUID() };
  await setTradable(false);
  const refused = await refusalOf(orders.closePosition(viewer, command));
  expect(refused).toMatchObject({ code: 'INSTRUMENT_NOT_TRADABLE' });
  expect(await statusOf(resting)).toBe('ACCEPTED');
  expect(await statusOf(buying)).toBe('ACCEPTED');
  expect(await books.history(resting.id)).toHaveLength(3);
  // 2 at 90 are held back.
  expect(await reservedOf(account)).toEqual([{ reserved: 180 }]);
  expect(await held()).toBe('10');
  // One event more than before: of the order that was denied.
  expect((await books.events(account)).length - events.length).toBeLessThanOrEqual(1);
  await setTradable(true);
  // The key has its answer, and the order that was denied with it.
  expect(await refusalOf(orders.closePosition(viewer, command))).toEqual(refused);
  expect(await statusOf(resting)).toBe('ACCEPTED');
  await orders.closePosition(viewer, { ...command, clientOrderId: randomUUID() });
  await eventually('it is sold', async () => (await held()) === '0');
  // Nothing is held back for what was canceled.
  expect(await reservedOf(account)).toEqual([{ reserved: 0 }]);
});

test('of all positions, the one that is refused keeps its orders; the others are closed', async () => {
  const { account, resting, statusOf } = await openHolding();
  const beta = await house.database.query<{ id: string }>(
    `INSERT INTO instruments (id, symbol, name, asset_class, currency, zone, tick_size, lot_size,
       is_tradable, source, fee_bps, created_at)
     SELECT gen_random_uuid(), 'OTHER.SIM', name, asset_class, currency, zone, tick_size, lot_size,
       false, source, 0, created_at FROM instruments WHERE symbol = $1 RETURNING id`,
    [symbol],
  );
  await floor.hold(account, { ...house.instrument, id: String(beta[0]?.id) }, '5');
  const command = { accountId: account.id, idempotencyKey: randomUUID(), isCanceling: true };
  const answers = await orders.closeAllPositions(viewer, command);
  expect(answers).toMatchObject([{ side: 'SELL' }, { code: 'INSTRUMENT_NOT_TRADABLE' }]);
  expect(await statusOf(resting)).toBe('CANCELED');
  const stored = await books.orders(account);
  const replay = await orders.closeAllPositions(viewer, command);
  const idsOf = (given: readonly object[]) =>
    given.map((each) =>
      'code' in each && 'orderId' in each ? each.orderId : 'id' in each && each.id,
    );
  expect(idsOf(replay)).toEqual(idsOf(answers));
  expect((await books.orders(account)).map(({ id }) => id)).toEqual(stored.map(({ id }) => id));
});

/** An account that owes 10, sold at 99, with an order that buys 4 of them back at 90. */
async function openShort() {
  house.quote({ bid: '99', ask: '101' });
  const account = await floor.openAccount(viewer, '10000');
  await house.database.query('UPDATE accounts SET allows_short = true WHERE id = $1', [account.id]);
  const of = { accountId: account.id, symbol };
  await orders.place(viewer, {
    ...{ ...of, side: 'SELL', quantity: decimal(10), clientOrderId: randomUUID() },
  });
  const quantityOf = async () => {
    const [position] = await portfolios.positions(viewer, {}, { accountId: account.id });
    return String(position?.quantity);
  };
  await eventually('it is short', async () => (await quantityOf()) === '-10');
  const resting = await orders.place(viewer, {
    ...{ ...of, side: 'BUY', quantity: decimal(4), type: 'LIMIT', limitPrice: decimal(90) },
    clientOrderId: randomUUID(),
  });
  return { account, resting, quantityOf };
}

const CLOSE = `mutation ($input: ClosePositionInput!) {
  closePosition(input: $input) {
    __typename
    ... on ClosePositionSuccess { order { side type quantity } }
    ... on Error { code }
  }
}`;

test('a short is bought back through the graph, with what would have bought it back twice', async () => {
  const { account, resting, quantityOf } = await openShort();
  const input = { symbol, accountId: encodeGlobalId('Account', account.id), clientOrderId: 'back' };
  const { body } = await graph.ask(CLOSE, { token: ada.token, variables: { input } });
  expect(body.data).toEqual({
    closePosition: {
      __typename: 'ClosePositionSuccess',
      order: { side: 'BUY', type: 'MARKET', quantity: '10' },
    },
  });
  await eventually('it is bought back', async () => (await quantityOf()) === '0');
  const rows = await books.orders(account);
  expect(rows.find(({ id }) => id === resting.id)?.status).toBe('CANCELED');
  // 10,000 + 10 × 99 − 10 × 101 = 9,980
  expect(
    await house.database.query(
      'SELECT cash::float8, reserved::float8 FROM accounts WHERE id = $1',
      [account.id],
    ),
  ).toEqual([{ cash: 9_980, reserved: 0 }]);
});

test('a part of a short, and all of it with all others', async () => {
  const { account, quantityOf } = await openShort();
  await orders.closePosition(viewer, {
    ...{ accountId: account.id, symbol, quantity: decimal(3), clientOrderId: randomUUID() },
  });
  await eventually('3 are bought back', async () => (await quantityOf()) === '-7');
  const all = { accountId: account.id, isCanceling: true, idempotencyKey: randomUUID() };
  expect(await orders.closeAllPositions(viewer, all)).toMatchObject([{ side: 'BUY' }]);
  await eventually('all are bought back', async () => (await quantityOf()) === '0');
});

test('what is open of something that is not held is canceled with all', async () => {
  house.quote({ bid: '99', ask: '101' });
  const account = await floor.openAccount(viewer, '10000');
  const { id } = await orders.place(viewer, {
    ...{ accountId: account.id, symbol, side: 'BUY', quantity: decimal(2), type: 'LIMIT' },
    ...{ limitPrice: decimal(90), clientOrderId: randomUUID() },
  });
  const all = { accountId: account.id, isCanceling: true, idempotencyKey: randomUUID() };
  expect(await orders.closeAllPositions(viewer, all)).toEqual([]);
  expect(await books.orders(account)).toMatchObject([{ id, status: 'CANCELED' }]);
  expect(await reservedOf(account)).toEqual([{ reserved: 0 }]);
});
