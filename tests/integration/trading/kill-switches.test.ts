import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import { Forbidden } from '../../../src/services/platform/errors.ts';
import type { Account } from '../../../src/services/platform/prisma/client.ts';
import { createOrderPreviews } from '../../../src/services/trading/order-preview.ts';
import { TradingHalted } from '../../../src/services/trading/risk/errors.ts';
import { createBooks, refusalOf } from '../../support/books.ts';
import { decimal } from '../../support/trading-floor.ts';
import { openRiskHouse } from './risk-house.ts';

const house = await openRiskHouse();
const { database, floor, time, exchange, owner, admin, switches, turn, place, limit } = house;
const { account, acme, newHaltedOrders, newest, quote } = house;
const books = createBooks(database);
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
    await database.query(
      `WITH placed AS (
         INSERT INTO orders (id, owner_id, account_id, instrument_id, client_order_id, side, type,
           time_in_force, quantity, limit_price, status, filled_quantity, filled_notional, reserved,
           version, created_at, updated_at)
         SELECT gen_random_uuid(), $1, $2, $3, 'bulk ' || n, 'BUY', 'LIMIT', 'GTC', 1, 1, 'ACCEPTED',
           0, 0, 1, 3, $4, $4 FROM generate_series(1, 1200) n RETURNING id, owner_id
       ), history AS (
         INSERT INTO order_events (order_id, sequence, owner_id, from_status, to_status, occurred_at,
           recorded_at)
         SELECT id, step, owner_id, was, becomes, $4, $4 FROM placed, (VALUES
           (1, NULL::order_status, 'PENDING'::order_status), (2, 'PENDING', 'SUBMITTED'),
           (3, 'SUBMITTED', 'ACCEPTED')) AS steps (step, was, becomes)
       )
       UPDATE accounts SET reserved = 1200 WHERE id = $2`,
      [owner.userId, account().id, acme().id, time.clock.now()],
    );
    await turn(true);
    expect(house.halts.count).toBeGreaterThan(0);
    let transactions = 0;
    const dying = newHaltedOrders({
      ...database.worker,
      withViewer(viewer, work) {
        transactions += 1;
        if (transactions > 2) throw new Error('The worker died.');
        return database.worker.withViewer(viewer, work);
      },
    });
    await expect(dying.cancelAll()).rejects.toThrow('The worker died.');
    expect(await workingIn(account())).toBe(200);
    const worker = newHaltedOrders();
    worker.start();
    time.advance(1_000);
    await worker.stop();
    expect(await workingIn(account())).toBe(0);
    expect(await books.of(account())).toMatchObject([{ reserved: '0.000000000000000000' }]);
  }, 60_000);
});
