import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { NotFound } from '../../../src/services/platform/errors.ts';
import { userViewer } from '../../../src/services/platform/viewer.ts';
import { auditLedger } from '../../../src/services/portfolio/ledger-audit.ts';
import { OrderDenied, OrderNotCancelable } from '../../../src/services/trading/errors.ts';
import { createBooks, refusalOf } from '../../support/books.ts';
import { createTestDatabase } from '../../support/database.ts';
import { createExchange } from '../../support/exchange.ts';
import { createTradingFloor, decimal } from '../../support/trading-floor.ts';
import type { Account } from '../../../src/services/platform/prisma/client.ts';

const database = await createTestDatabase();
const floor = createTradingFloor(database);
// No engine runs: orders stay as they were accepted.
const { orders, place, quote } = createExchange(database, floor, {
  orders: { onAccepted: async () => undefined },
});
const books = createBooks(database);
const owner = await floor.addPerson();
const stranger = await floor.addPerson();
const acme = await floor.addInstrument({ symbol: 'ACME.SIM', feeBps: decimal(10) });
await floor.addInstrument({ symbol: 'EURO.SIM', currency: 'EUR' });

let account: Account;
beforeEach(async () => {
  account = await floor.openAccount(owner, '10000');
  quote(acme);
});

describe('canceling', () => {
  test('frees the cash, once, and answers the same key again', async () => {
    const { id } = await place(owner, account, { instrument: acme, quantity: '20' });
    const cancel = { orderId: id, idempotencyKey: randomUUID() };
    const canceled = await orders.cancel(owner, cancel);
    expect([canceled.status, canceled.version, canceled.reserved.toFixed()]).toEqual([
      'CANCELED',
      4,
      '0',
    ]);
    expect(await books.of(account)).toMatchObject([{ reserved: '0.000000000000000000' }]);
    expect((await books.events(account)).slice(-2)).toMatchObject([
      { type: 'OrderChanged', payload: { status: 'CANCELED' } },
      { type: 'BalanceChanged', payload: { reserved: '0', buyingPower: '10000' } },
    ]);
    const after = await books.events(account);
    expect((await orders.cancel(owner, cancel)).status).toBe('CANCELED');
    const late = await refusalOf(orders.cancel(owner, { ...cancel, idempotencyKey: randomUUID() }));
    expect(late).toEqual(new OrderNotCancelable(id, 'CANCELED'));
    expect(await books.events(account)).toEqual(after);
  });

  test('is refused for an order that was denied, and the same key keeps that answer', async () => {
    const denial = await refusalOf(place(owner, account, { instrument: acme, quantity: '1000' }));
    const orderId = denial instanceof OrderDenied ? (denial.orderId ?? '') : '';
    const cancel = { orderId, idempotencyKey: randomUUID() };
    const before = await books.events(account);
    const refusals = [
      await refusalOf(orders.cancel(owner, cancel)),
      await refusalOf(orders.cancel(owner, cancel)),
    ];
    for (const refusal of refusals)
      expect(refusal).toEqual(new OrderNotCancelable(orderId, 'DENIED'));
    expect(await books.events(account)).toEqual(before);
  });

  test('is not for strangers, and answers them as if the order were not there', async () => {
    const { id } = await place(owner, account, { instrument: acme, quantity: '20' });
    const before = [await books.of(account), await books.events(account)];
    const idempotencyKey = randomUUID();
    for (const orderId of [id, randomUUID(), 'nonsense']) {
      const refusal = await refusalOf(orders.cancel(stranger, { orderId, idempotencyKey }));
      expect(refusal).toEqual(new NotFound('Order'));
    }
    expect([await books.of(account), await books.events(account)]).toEqual(before);
  });
});

describe('the list of orders', () => {
  test('is the newest first, filtered, and never wider than one’s own', async () => {
    await floor.hold(account, acme, '10');
    const buy = await place(owner, account, { instrument: acme, quantity: '1' });
    const sell = await place(owner, account, { instrument: acme, side: 'SELL', quantity: '1' });
    await orders.cancel(owner, { orderId: buy.id, idempotencyKey: randomUUID() });
    const idsOf = async (filter: Parameters<typeof orders.list>[2], viewer = owner) =>
      (await orders.list(viewer, {}, { accountId: account.id, ...filter })).map(({ id }) => id);
    expect(await idsOf({})).toEqual([sell.id, buy.id]);
    expect(await idsOf({ statuses: ['CANCELED', 'FILLED'] })).toEqual([buy.id]);
    expect(await idsOf({ side: 'SELL', symbol: 'ACME.SIM' })).toEqual([sell.id]);
    expect(await idsOf({ symbol: 'EURO.SIM' })).toEqual([]);
    expect(await idsOf({ from: sell.createdAt })).toEqual([sell.id]);
    expect(await idsOf({ to: sell.createdAt })).toEqual([buy.id]);
    expect(await idsOf({}, stranger)).toEqual([]);
    expect(await idsOf({}, userViewer({ userId: stranger.userId, role: 'ADMIN' }))).toEqual([]);
    expect(await orders.count(owner, { accountId: account.id, side: 'BUY' })).toBe(1);
    const everything = { where: { OR: [{ accountId: account.id }] } };
    expect(await orders.list(stranger, everything, {})).toEqual([]);
  });
});

test('the books are clean after all of this', async () => {
  const audit = await auditLedger(database.worker);
  expect(audit.checks.filter(({ brokenCount }) => brokenCount > 0)).toEqual([]);
});
