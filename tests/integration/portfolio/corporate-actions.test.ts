import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { systemViewer } from '../../../src/services/platform/viewer.ts';
import { bookAction } from '../../../src/services/portfolio/action-booking.ts';
import { createPositionsAsOf } from '../../../src/services/portfolio/positions-as-of.ts';
import type { Account, Instrument } from '../../../src/services/platform/prisma/client.ts';
import { MINUTE_MS, openActionHouse, split } from '../../support/action-house.ts';
import { decimal } from '../../support/trading-floor.ts';

const house = await openActionHouse();
const { applier, owner, floor, time, database, exchange, announce, openWith, effects, appliedAt } =
  house;

describe('a split', () => {
  test('multiplies what is held, at the same cost, once for each account', async () => {
    const acme = await floor.addInstrument();
    const accounts = [await openWith(acme, '10', '20'), await openWith(acme, '3', '30')];
    const action = await announce(acme, split('2', '1'));
    expect(await applier.applyDue()).toBe(0);
    time.advance(MINUTE_MS);
    expect(await applier.applyDue()).toBe(2);
    expect(await applier.applyDue()).toBe(0);
    expect(await Promise.all(accounts.map(house.held))).toEqual([['20 for 200'], ['6 for 90']]);
    expect(await appliedAt(action)).toBeNull();
    time.advance(MINUTE_MS);
    await applier.applyDue();
    expect(await appliedAt(action)).toEqual(time.clock.now());
    expect(await effects(action)).toHaveLength(2);
  });

  test('exchanges a fraction for cash at the last price, and books what it won', async () => {
    const acme = await floor.addInstrument();
    const account = await openWith(acme, '5', '30');
    const action = await announce(acme, split('3', '2'));
    time.advance(MINUTE_MS);
    await applier.applyDue();
    // 7.5 for 150 are 20 each; without a quote the last trade's 30 × 2 / 3 = 20 is the price: 0.5 brings
    // 10 and costs 10. 1,000 − 150 + 10 = 860
    expect(await house.held(account)).toEqual(['7 for 140']);
    expect((await house.newest(account)).cash.toFixed()).toBe('860');
    expect(await effects(action)).toEqual([{ line: '5 to 7, 10' }]);
  });

  test('takes from long and short alike when it goes the other way', async () => {
    const acme = await floor.addInstrument();
    const long = await openWith(acme, '20', '10');
    const short = await floor.openAccount(owner, '1000');
    await house.trade(short, acme, { side: 'SELL', quantity: '20', price: '10' });
    await announce(acme, split('1', '10'));
    time.advance(MINUTE_MS);
    await applier.applyDue();
    expect(await house.held(long)).toEqual(['2 for 200']);
    expect(await house.held(short)).toEqual(['-2 for -200']);
  });

  test('that ends a short which was bought back meanwhile frees what it held back', async () => {
    const acme = await floor.addInstrument();
    const short = await floor.openAccount(owner, '1000');
    await house.trade(short, acme, { side: 'SELL', quantity: '20', price: '10' });
    expect((await house.newest(short)).reserved.toFixed()).toBe('400'); // 2 × 200
    await announce(acme, split('1', '10'));
    time.advance(MINUTE_MS);
    time.advance(1_000);
    await house.trade(short, acme, { quantity: '15', price: '10' });
    expect((await house.newest(short)).reserved.toFixed()).toBe('100'); // 2 × 50
    time.advance(1_000);
    await applier.applyDue();
    // Of the 20 at its time 18 would go, and only 5 are left.
    expect(await house.held(short)).toEqual([]);
    expect((await house.newest(short)).reserved.toFixed()).toBe('0');
    // Whoever follows the account is told of that.
    const [told] = await database.query<{ reserved: string }>(
      `SELECT payload ->> 'reserved' AS reserved FROM outbox
       WHERE topic = 'account:' || $1 AND type = 'BalanceChanged' ORDER BY id DESC LIMIT 1`,
      [short.id],
    );
    expect(told).toEqual({ reserved: '0' });
  });

  test('cancels orders of before, and none of after', async () => {
    const acme = await floor.addInstrument();
    exchange.quote(acme);
    const account = await floor.openAccount(owner, '10000');
    const wish = { instrument: acme, type: 'LIMIT', limitPrice: decimal('90') } as const;
    await exchange.place(owner, account, { ...wish, quantity: '1' });
    await announce(acme, split('2', '1'));
    time.advance(MINUTE_MS);
    exchange.quote(acme);
    await exchange.place(owner, account, { ...wish, quantity: '2' });
    await applier.applyDue();
    expect(await house.books.orders(account)).toMatchObject([
      { status: 'CANCELED', reason_code: 'CORPORATE_ACTION' },
      { status: 'ACCEPTED' },
    ]);
    // 2 × 90 are held back still.
    expect((await house.newest(account)).reserved.toFixed()).toBe('180');
  });

  test('leaves the past as it was', async () => {
    const acme = await floor.addInstrument();
    const account = await openWith(acme, '10', '20');
    const before = time.clock.now();
    await announce(acme, split('2', '1'));
    time.advance(MINUTE_MS);
    await applier.applyDue();
    const positions = createPositionsAsOf({ db: database.server, clock: time.clock });
    const at = async (asOf: Date) => {
      const page = { limit: 5, isBackward: false };
      const [row] = await positions.list(owner, page, { accountId: account.id, asOf });
      return `${String(row?.quantity.toFixed())} for ${String(row?.totalCost.toFixed())}`;
    };
    expect([await at(before), await at(time.clock.now())]).toEqual(['10 for 200', '20 for 200']);
  });

  test('applied late counts what was held at its time', async () => {
    const acme = await floor.addInstrument();
    const account = await openWith(acme, '10', '20');
    await announce(acme, split('2', '1'));
    time.advance(MINUTE_MS);
    time.advance(1_000);
    // After the split: 4 more, which are of the new ones already.
    await house.trade(account, acme, { quantity: '4', price: '10' });
    time.advance(1_000);
    await applier.applyDue();
    // 10 × 2 + 4 = 24, for 200 + 40
    expect(await house.held(account)).toEqual(['24 for 240']);
  });
});

describe('a dividend', () => {
  test('pays who held it just before, and takes from who owed it', async () => {
    const acme = await floor.addInstrument();
    const [long, short] = [await openWith(acme, '3', '10'), await floor.openAccount(owner, '100')];
    await house.trade(short, acme, { side: 'SELL', quantity: '2', price: '10' });
    const action = await announce(acme, { kind: 'DIVIDEND', amount: decimal('0.335') });
    time.advance(MINUTE_MS);
    // Sold at its very time: it was held just before.
    await house.trade(long, acme, { side: 'SELL', quantity: '3', price: '10' });
    await applier.applyDue();
    await applier.applyDue();
    // 3 × 0.335 = 1.005, half-even to 1.00; −2 × 0.335 = −0.67
    expect(await house.movements(long)).toContain('DIVIDEND 1');
    expect((await house.newest(long)).cash.toFixed()).toBe('1001');
    expect((await house.newest(short)).cash.toFixed()).toBe('119.33');
    expect(await effects(action)).toHaveLength(2);
  });

  test('is paid once when several processes apply it at once', async () => {
    const acme = await floor.addInstrument();
    const accounts = await Promise.all([1, 2, 3].map(() => openWith(acme, '3', '10')));
    await announce(acme, { kind: 'DIVIDEND', amount: decimal('1') });
    time.advance(MINUTE_MS);
    await Promise.all([applier.applyDue(), applier.applyDue(), applier.applyDue()]);
    const cash = await Promise.all(accounts.map(house.newest));
    // 1,000 − 30 + 3
    expect(cash.map((account) => account.cash.toFixed())).toEqual(['973', '973', '973']);
  });
});

test('an account that had its part has none when it is told of it again', async () => {
  const acme = await floor.addInstrument();
  const account = await openWith(acme, '3', '10');
  const action = await announce(acme, { kind: 'DIVIDEND', amount: decimal('1') });
  time.advance(MINUTE_MS);
  const { id: actionId } = action;
  const book = () =>
    database.worker.withViewer(systemViewer(), async (tx) => {
      const due = await tx.corporateAction.findUniqueOrThrow({ where: { id: actionId } });
      const given = { action: due, instrument: acme, priceBefore: undefined };
      return bookAction(tx, house.actionPorts, { ...given, accountId: account.id });
    });
  // Another process has read its list before this one was done with it.
  expect(await book()).toEqual([]);
  expect(await book()).toEqual([]);
  // 1,000 − 30 + 3
  expect((await house.newest(account)).cash.toFixed()).toBe('973');
  expect(await effects(action)).toHaveLength(1);
});

describe('a dividend on a short', () => {
  beforeEach(() => exchange.engine.start());
  afterEach(() => exchange.engine.stop());

  /** Places it, and waits for its fill. */
  const fill = async (account: Account, order: Parameters<typeof exchange.place>[2]) => {
    const { id } = await exchange.place(owner, account, order);
    await vi.waitFor(
      async () => {
        const [found] = await exchange.orders.list(owner, { where: { id } }, {});
        expect(found?.status).toBe('FILLED');
      },
      { timeout: 20_000 },
    );
  };
  const openShort = async (cash: string, quantity: string) => {
    const [acme, other] = [await floor.addInstrument(), await floor.addInstrument()];
    for (const each of [acme, other]) exchange.quote(each, { bid: '100', ask: '100' });
    const account = await floor.openAccount(owner, cash);
    await database.query('UPDATE accounts SET allows_short = true WHERE id = $1', [account.id]);
    await fill(account, { instrument: acme, side: 'SELL', quantity });
    return { acme, other, account };
  };
  const payOut = async (acme: Instrument, amount: string) => {
    await announce(acme, { kind: 'DIVIDEND', amount: decimal(amount) });
    time.advance(MINUTE_MS);
    await applier.applyDue();
    await applier.applyDue();
  };
  const booksOf = async (account: Account) => {
    const { cash, reserved } = await house.newest(account);
    return [cash.toFixed(), reserved.toFixed()];
  };
  const refusalOf = (placed: Promise<unknown>) => placed.catch((error: unknown) => error);

  test('cancels the newest orders for which the cash is not there any more, and no others', async () => {
    const { acme, other, account } = await openShort('1000', '2');
    const limit = (price: string, quantity: string) =>
      exchange.place(owner, account, {
        ...{ instrument: other, type: 'LIMIT', limitPrice: decimal(price), quantity },
      });
    const [older, newer, sale] = [
      await limit('60', '5'),
      await limit('50', '10'),
      await exchange.place(owner, account, {
        ...{ instrument: acme, type: 'LIMIT', limitPrice: decimal(90), quantity: '2' },
      }),
    ];
    // 1,000 + 200 in cash; 2 × 200 for the short, 5 × 60 and 10 × 50; buying back holds nothing.
    expect(await booksOf(account)).toEqual(['1200', '1200']);
    await payOut(acme, '0.01');
    expect(await booksOf(account)).toEqual(['1199.98', '700']);
    const orders = await exchange.orders.list(owner, { where: { accountId: account.id } }, {});
    const states = new Map(orders.map((order) => [order.id, [order.status, order.reasonCode]]));
    expect(states.get(older.id)).toEqual(['ACCEPTED', null]);
    expect(states.get(newer.id)).toEqual(['CANCELED', 'INSUFFICIENT_FUNDS']);
    expect(states.get(sale.id)).toEqual(['ACCEPTED', null]);
  });

  test('may leave less than nothing to buy with: it is bought back, and nothing else is', async () => {
    const { acme, other, account } = await openShort('500', '5');
    // 500 + 500, all of it held back; 5 × 1 is owed.
    await payOut(acme, '1');
    expect(await booksOf(account)).toEqual(['995', '1000']);
    for (const each of [acme, other]) exchange.quote(each, { bid: '100', ask: '100' });
    for (const order of [
      { instrument: other, side: 'BUY', quantity: '1' },
      { instrument: acme, side: 'SELL', quantity: '1' },
      { instrument: acme, side: 'BUY', quantity: '6' },
    ] as const) {
      expect(await refusalOf(exchange.place(owner, account, order))).toMatchObject({
        ...{ code: 'INSUFFICIENT_FUNDS', available: decimal(-5) },
      });
    }
    expect(await booksOf(account)).toEqual(['995', '1000']);
    const back = { instrument: acme, side: 'BUY', quantity: '1' } as const;
    await fill(account, back);
    // 100 paid, and 200 of the 1,000 are free.
    expect(await booksOf(account)).toEqual(['895', '800']);
    await fill(account, { ...back, quantity: '4' });
    expect(await booksOf(account)).toEqual(['495', '0']);
  });

  test('on what loses all that there is can be bought back at a loss', async () => {
    const { acme, account } = await openShort('500', '5');
    await payOut(acme, '50');
    expect(await booksOf(account)).toEqual(['750', '1000']);
    // 5 × 180 = 900, and 945 with the buffer: less than the 1,000 that it frees, and more than there is.
    exchange.quote(acme, { bid: '180', ask: '180' });
    const back = { instrument: acme, side: 'BUY', quantity: '5' } as const;
    await fill(account, back);
    expect(await booksOf(account)).toEqual(['-150', '0']);
    const more = { ...back, quantity: '1' };
    expect(await refusalOf(exchange.place(owner, account, more))).toMatchObject({
      code: 'INSUFFICIENT_FUNDS',
    });
  });
});
