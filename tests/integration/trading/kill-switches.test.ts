import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { Forbidden } from '../../../src/services/platform/errors.ts';
import type { Account } from '../../../src/services/platform/prisma/client.ts';
import { systemViewer } from '../../../src/services/platform/viewer.ts';
import { lockAccount } from '../../../src/services/portfolio/locks.ts';
import { createOrderPreviews } from '../../../src/services/trading/order-preview.ts';
import { TradingHalted } from '../../../src/services/trading/risk/errors.ts';
import { createBooks, refusalOf } from '../../support/books.ts';
import { decimal } from '../../support/trading-floor.ts';
import { openRiskHouse } from './risk-house.ts';

const house = await openRiskHouse();
const { database, floor, time, exchange, owner, admin, switches, turn, place, limit } = house;
const { account, acme, newHaltedOrders, newest, quote, addOrders } = house;
const books = createBooks(database);
const PATIENT = { timeout: 15_000, interval: 20 };
const haltedOrders = newHaltedOrders();

afterEach(() => database.query('DELETE FROM kill_switches'));

const resting = { type: 'LIMIT', limitPrice: decimal(90), quantity: '1' } as const;
const workingIn = async ({ id }: Account): Promise<number> => {
  const [row] = await database.query<{ count: number }>(
    `SELECT count(*)::int FROM orders WHERE account_id = $1 AND status = 'ACCEPTED'`,
    [id],
  );
  return row?.count ?? 0;
};

describe('while a kill switch is on', () => {
  test('an order is refused with whose it is, why and since when, and a preview says so', async () => {
    quote();
    const { changedAt } = await turn(true, { reason: 'The bot runs wild.' });
    const before = await books.of(account());
    const refusal = await refusalOf(place({ quantity: '1' }));
    expect(refusal).toBeInstanceOf(TradingHalted);
    expect(refusal).toMatchObject({
      ...{ scope: 'ACCOUNT', haltReason: 'The bot runs wild.', since: changedAt },
      message: 'Trading is halted for the account: The bot runs wild.',
    });
    expect(await books.of(account())).toEqual(before);
    expect(await books.orders(account())).toMatchObject([
      { status: 'DENIED', reason_code: 'TRADING_HALTED' },
    ]);
    const previews = createOrderPreviews({
      ...{ db: database.server, clock: time.clock, quotes: exchange.quotes },
    });
    const preview = await previews.preview(owner, {
      ...{ accountId: account().id, symbol: acme().symbol, side: 'BUY', quantity: decimal(1) },
    });
    expect(preview.refusal).toMatchObject({ code: 'TRADING_HALTED', scope: 'ACCOUNT' });
  });

  test('not even what is held can be sold, orders can be canceled, and it goes on when it is off', async () => {
    quote();
    await place({ quantity: '1' });
    const order = await limit('90');
    await turn(true);
    const sale = { side: 'SELL', quantity: '1' } as const;
    expect(await refusalOf(place(sale))).toBeInstanceOf(TradingHalted);
    const cancel = { orderId: order.id, idempotencyKey: randomUUID() };
    expect(await exchange.orders.cancel(owner, cancel)).toMatchObject({ status: 'CANCELED' });
    await turn(false);
    expect(await place(sale)).toMatchObject({ status: 'FILLED' });
  });

  test('what a price would fill is canceled instead, before anybody has looked for it', async () => {
    quote();
    const order = await limit('90');
    const stop = await house.stop('110');
    const other = await floor.openAccount(owner, '10000');
    const theirs = await exchange.place(owner, other, { instrument: acme(), ...resting });
    await turn(true);
    // The ask comes down to the limit.
    quote({ bid: '88', ask: '89' });
    await vi.waitFor(async () => expect((await newest(order)).status).toBe('CANCELED'), PATIENT);
    expect(await newest(order)).toMatchObject({ reasonCode: 'TRADING_HALTED' });
    expect((await newest(order)).reserved.toFixed()).toBe('0');
    expect(await books.of(account())).toMatchObject([{ trades: 0 }]);
    // Nobody else's, and nothing that no price has touched.
    await vi.waitFor(async () => expect((await newest(theirs)).status).toBe('FILLED'), PATIENT);
    expect((await newest(stop)).status).toBe('ACCEPTED');
    expect(await haltedOrders.cancelAll()).toBe(1);
  });

  test('what is open is canceled with the reason, and what it held back is free', async () => {
    quote();
    const order = await limit('90');
    const stop = await house.stop('110');
    const other = await floor.openAccount(owner, '10000');
    const theirs = await exchange.place(owner, other, { instrument: acme(), ...resting });
    await turn(true);
    expect(await haltedOrders.cancelAll()).toBe(2);
    for (const each of [order, stop]) {
      expect(await newest(each)).toMatchObject({
        ...{ status: 'CANCELED', reasonCode: 'TRADING_HALTED', reason: 'Trading was halted.' },
      });
    }
    expect(await newest(theirs)).toMatchObject({ status: 'ACCEPTED' });
    expect(await books.of(account())).toMatchObject([{ reserved: '0.000000000000000000' }]);
    const told = await books.events(account());
    expect(told.map(({ type }) => type).slice(-4)).toEqual([
      ...['KillSwitchChanged', 'OrderChanged', 'OrderChanged', 'BalanceChanged'],
    ]);
    // The engine has dropped them: the price comes, and nothing is filled.
    quote({ bid: '80', ask: '85' });
    await house.settled();
    expect(await newest(order)).toMatchObject({ status: 'CANCELED' });
  });

  test('a broker is asked to cancel what it has', async () => {
    quote();
    const order = await limit('90');
    await database.query(`UPDATE accounts SET kind = 'LIVE' WHERE id = $1`, [account().id]);
    await turn(true);
    await haltedOrders.cancelAll();
    expect(await newest(order)).toMatchObject({ status: 'CANCEL_PENDING' });
    await database.query(`UPDATE accounts SET kind = 'PAPER' WHERE id = $1`, [account().id]);
  });

  test('all accounts of a person stand still, and those of others go on', async () => {
    quote();
    const other = await floor.openAccount(owner, '10000');
    const stranger = await floor.addPerson();
    const theirs = await floor.openAccount(stranger, '10000');
    const orders = [
      place(resting),
      exchange.place(owner, other, { instrument: acme(), ...resting }),
    ];
    await Promise.all(orders);
    await exchange.place(stranger, theirs, { instrument: acme(), ...resting });
    await turn(true, { scope: 'USER' });
    expect(await refusalOf(place(resting))).toMatchObject({ scope: 'USER' });
    expect(await haltedOrders.cancelAll()).toBe(2);
    expect(await workingIn(theirs)).toBe(1);
    await exchange.place(stranger, theirs, { instrument: acme(), ...resting });
  });

  test('of the deployment, everybody stands still, and it is told before narrower ones', async () => {
    quote();
    const stranger = await floor.addPerson();
    const theirs = await floor.openAccount(stranger, '10000');
    await exchange.place(stranger, theirs, { instrument: acme(), ...resting });
    await turn(true);
    await turn(true, { by: admin, scope: 'DEPLOYMENT', reason: 'Maintenance' });
    expect(await refusalOf(place(resting))).toMatchObject({ scope: 'DEPLOYMENT' });
    const order = { instrument: acme(), ...resting };
    expect(await refusalOf(exchange.place(stranger, theirs, order))).toMatchObject({
      ...{ scope: 'DEPLOYMENT', haltReason: 'Maintenance' },
    });
    await haltedOrders.cancelAll();
    expect(await workingIn(theirs)).toBe(0);
    expect(await switches.ofDeployment(stranger)).toMatchObject({ isOn: true });
    expect(await switches.listOn(admin)).toHaveLength(2);
    await expect(switches.listOn(stranger)).rejects.toBeInstanceOf(Forbidden);
  });
});

describe('no order slips by', () => {
  test.each(['ACCOUNT', 'USER', 'DEPLOYMENT'] as const)(
    'when it is placed while that of the %s is thrown',
    async (scope) => {
      quote();
      const by = scope === 'DEPLOYMENT' ? admin : owner;
      const placeOne = () =>
        place(resting).then(
          () => 'placed',
          (error: unknown) => (error instanceof TradingHalted ? 'refused' : error),
        );
      const racing = Array.from({ length: 30 }, placeOne);
      const thrown = turn(true, scope === 'ACCOUNT' ? { by } : { by, scope });
      racing.push(...Array.from({ length: 30 }, placeOne));
      await thrown;
      const late = await Promise.all(Array.from({ length: 20 }, placeOne));
      expect(new Set(late)).toEqual(new Set(['refused']));
      const outcomes = await Promise.all(racing);
      expect(outcomes.every((outcome) => outcome === 'placed' || outcome === 'refused')).toBe(true);
      await haltedOrders.cancelAll();
      expect(await workingIn(account())).toBe(0);
    },
    60_000,
  );

  test('by the worker, which looks each second and goes on where another one died', async () => {
    // More than a batch, as they stand in the books; the first worker dies after a batch.
    await addOrders(account(), 1_200);
    await turn(true);
    expect(house.halts.count).toBeGreaterThan(0);
    let transactions = 0;
    const dying = newHaltedOrders({
      ...database.worker,
      pipeline(viewer, work) {
        transactions += 1;
        if (transactions > 1) throw new Error('The worker died.');
        return database.worker.pipeline(viewer, work);
      },
    });
    expect(await dying.cancelAll()).toBe(0);
    expect(exchange.errors.splice(0)).toMatchObject([{ fields: { accountId: account().id } }]);
    expect(await workingIn(account())).toBe(200);
    const worker = newHaltedOrders();
    worker.start();
    time.advance(1_000);
    await worker.stop();
    expect(await workingIn(account())).toBe(0);
    expect(await books.of(account())).toMatchObject([{ reserved: '0.000000000000000000' }]);
  }, 60_000);
});

describe('an account whose orders cannot be canceled', () => {
  /** Of so many accounts of the owner, each with one open order, by the ids of the accounts. */
  const openSeveral = async (count: number) => {
    quote();
    const opened = [];
    for (let index = 0; index < count; index += 1) {
      const account = await floor.openAccount(owner, '1000');
      const order = await exchange.place(owner, account, { instrument: acme(), ...resting });
      opened.push({ account, order });
    }
    return opened.toSorted((a, b) => (a.account.id < b.account.id ? -1 : 1));
  };
  const statusesOf = (opened: Awaited<ReturnType<typeof openSeveral>>) =>
    Promise.all(opened.map(async ({ order }) => (await newest(order)).status));

  test('since somebody has it holds up no other, and is next when it is let go', async () => {
    const opened = await openSeveral(6);
    await turn(true, { scope: 'USER' });
    const [locked, released] = [
      Promise.withResolvers<undefined>(),
      Promise.withResolvers<undefined>(),
    ];
    const holding = database.worker.withViewer(systemViewer(), async (tx) => {
      await lockAccount(tx, opened[0]?.account.id ?? '');
      locked.resolve(undefined);
      await released.promise;
    });
    await locked.promise;
    expect(await haltedOrders.cancelAll()).toBe(5);
    expect(await statusesOf(opened)).toEqual(['ACCEPTED', ...Array<string>(5).fill('CANCELED')]);
    released.resolve(undefined);
    await holding;
    expect(await haltedOrders.cancelAll()).toBe(1);
    expect(exchange.errors.splice(0)).toMatchObject([
      { fields: { accountId: opened[0]?.account.id } },
    ]);
  });

  test('at all holds up no other, however often it is tried, in one transaction each', async () => {
    const opened = await openSeveral(6);
    const accountId = opened[0]?.account.id;
    // The database refuses to free more than is held back.
    await database.query('UPDATE accounts SET reserved = 1 WHERE id = $1', [accountId]);
    await turn(true, { scope: 'USER' });
    let transactions = 0;
    const halted = newHaltedOrders({
      ...database.worker,
      pipeline(viewer, work) {
        transactions += 1;
        return database.worker.pipeline(viewer, work);
      },
    });
    expect([await halted.cancelAll(), await halted.cancelAll()]).toEqual([5, 0]);
    expect(transactions).toBe(6 + 1);
    expect(await statusesOf(opened)).toEqual(['ACCEPTED', ...Array<string>(5).fill('CANCELED')]);
    await database.query('UPDATE accounts SET reserved = 90 WHERE id = $1', [accountId]);
    expect(await halted.cancelAll()).toBe(1);
    expect(exchange.errors.splice(0)).toMatchObject([
      ...[{ fields: { accountId } }, { fields: { accountId } }],
    ]);
  });

  test('is left alone when its switch is off by then', async () => {
    const [only] = await openSeveral(1);
    await turn(true, { scope: 'USER' });
    const halted = newHaltedOrders({
      ...database.worker,
      async pipeline(viewer, work) {
        await turn(false, { scope: 'USER' });
        return database.worker.pipeline(viewer, work);
      },
    });
    expect(await halted.cancelAll()).toBe(0);
    expect(only && (await newest(only.order)).status).toBe('ACCEPTED');
  });

  test('since a broker has them all is not asked again, and what comes after them is canceled', async () => {
    await addOrders(account(), 1_000, 'CANCEL_PENDING');
    time.advance(1_000);
    quote();
    const order = await limit('90', { quantity: '1' });
    await turn(true);
    expect(await haltedOrders.cancelAll()).toBe(1);
    expect((await newest(order)).status).toBe('CANCELED');
  });
});
