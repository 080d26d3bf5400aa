import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { auditLedger } from '../../../src/services/portfolio/ledger-audit.ts';
import { createTestDatabase } from '../../support/database.ts';
import { createExchange, summaryOf } from '../../support/exchange.ts';
import { createManualTime } from '../../support/manual-time.ts';
import { createTradingFloor, decimal } from '../../support/trading-floor.ts';
import type { Account, Instrument, Order } from '../../../src/services/platform/prisma/client.ts';
import type { Booking } from '../../../src/services/portfolio/booking.ts';

const database = await createTestDatabase();
const time = createManualTime(new Date('2026-03-02T15:00:00Z'));
const floor = createTradingFloor(database, time.clock);
const owner = await floor.addPerson();

/** Trades of this order fail when they are booked, as a bug would make them. */
let poisoned: string | undefined;
const booking: Pick<Booking, 'prepare'> = {
  prepare(trade, ...given) {
    const prepared = floor.booking.prepare(trade, ...given);
    if (trade.orderId !== poisoned) return prepared;
    const { writes } = prepared;
    const bug = { text: 'SELECT 1 / 0', values: [] };
    return { ...prepared, writes: { ...writes, calls: [...(writes.calls ?? []), bug] } };
  },
};
// As long as it takes: a slow machine must not change what an answer says.
const orderPorts = { firstNewsMs: 60_000 };
const exchange = createExchange(database, floor, {
  engine: { booking, timers: time.timers },
  orders: orderPorts,
});
const { engine, quote } = exchange;

let account: Account;
let acme: Instrument;
beforeEach(async () => {
  account = await floor.openAccount(owner, '10000');
  acme = await floor.addInstrument({ feeBps: decimal(10) });
  poisoned = undefined;
  exchange.errors.splice(0);
  await engine.start();
});
afterEach(async () => {
  await engine.stop();
  const { checks } = await auditLedger(database.worker);
  expect(checks.filter(({ brokenCount }) => brokenCount > 0)).toEqual([]);
});

const newest = (order: Order) => exchange.newest(owner, order);
const until = (order: Order, expected: readonly string[]) =>
  vi.waitFor(async () => expect(summaryOf(await newest(order))).toEqual(expected), {
    timeout: 20_000,
  });
const tradesOf = async () =>
  (await floor.portfolios.trades(owner, {}, { accountId: account.id })).map(
    ({ side, quantity, price, fee, realizedGross }) =>
      [side, ...[quantity, price, fee, realizedGross].map((n) => n.toFixed())].join(' '),
  );
const buy = (quantity: string) => exchange.place(owner, account, { instrument: acme, quantity });
const sell = (quantity: string) =>
  exchange.place(owner, account, { instrument: acme, side: 'SELL', quantity });
const balanceOf = async () => {
  const [row] = await floor.portfolios.list(owner, { where: { id: account.id } });
  return [row?.cash.toFixed(), row?.reserved.toFixed()];
};

describe('a market order', () => {
  test('fills at the ask, pays its fee, and frees what it held back', async () => {
    quote(acme);
    const order = await buy('10');
    expect(summaryOf(order)).toEqual(['FILLED', '10', '0']);
    expect(order.filledNotional.toFixed()).toBe('1010');
    // 10 × 101 = 1,010; 10 bps = 1.01; 10,000 − 1,011.01 = 8,988.99
    expect(await tradesOf()).toEqual(['BUY 10 101 1.01 0']);
    expect(await balanceOf()).toEqual(['8988.99', '0']);
    const trades = await floor.portfolios.trades(owner, {}, { accountId: account.id });
    expect(trades).toMatchObject([
      { orderId: order.id, fillSequence: 4, source: 'PAPER', quoteTime: time.clock.now() },
    ]);
    expect([trades[0]?.quoteBid?.toFixed(), trades[0]?.quoteAsk?.toFixed()]).toEqual(['99', '101']);
  });

  test('sells at the bid and books what it made', async () => {
    quote(acme);
    await buy('10');
    quote(acme, { bid: '110', ask: '112' });
    const order = await sell('4');
    expect(summaryOf(order)).toEqual(['FILLED', '4', '0']);
    // 4 × 110 = 440, released 1,010 × 4/10 = 404 → 36; fee 0.44
    expect(await tradesOf()).toEqual(['SELL 4 110 0.44 36', 'BUY 10 101 1.01 0']);
    expect(await balanceOf()).toEqual(['9428.55', '0']); // 8,988.99 + 440 − 0.44
  });

  test('tells all of it in one go: trade, position, balance, order', async () => {
    quote(acme);
    const order = await buy('10');
    const events = await database.query<{ type: string; payload: object }>(
      `SELECT type, payload FROM outbox WHERE topic = 'account:' || $1 ORDER BY id`,
      [account.id],
    );
    expect(events.map(({ type }) => type)).toEqual([
      'BalanceChanged', // Of the deposit.
      'OrderChanged', // ACCEPTED; what it holds back for no time is not told.
      ...['TradeExecuted', 'PositionChanged', 'BalanceChanged', 'OrderChanged'],
    ]);
    expect(events.at(-1)?.payload).toMatchObject({ id: order.id, status: 'FILLED', version: 4 });
    expect(events.at(-2)?.payload).toMatchObject({ cash: '8988.99', reserved: '0' });
  });

  test('waits while the quote is stale, and fills at the next one', async () => {
    quote(acme);
    time.advance(14_999);
    const order = await buy('10'); // Just fresh enough for both.
    expect(order.status).toBe('FILLED');
    quote(acme, { askSize: '0' });
    const waiting = await buy('10');
    time.advance(15_000);
    quote(acme, { ask: '102', time: new Date(time.clock.now().getTime() - 15_000) });
    expect(summaryOf(await newest(waiting))).toEqual(['ACCEPTED', '0', '1061.56']); // 1,060.50 + 1.06
    quote(acme, { ask: '103' });
    await until(waiting, ['FILLED', '10', '0']);
    expect((await newest(waiting)).filledNotional.toFixed()).toBe('1030');
  });

  test('fills in part as far as the quote goes, and goes on when it changes', async () => {
    quote(acme, { askSize: '4' });
    const order = await buy('10');
    // 1,061.56 held back for 10; 6/10 of it = 636.936 → 636.94
    expect(summaryOf(order)).toEqual(['PARTIALLY_FILLED', '4', '636.94']);
    expect(await balanceOf()).toEqual(['9595.6', '636.94']); // 10,000 − 404 − 0.40
    quote(acme, { askSize: '4' }); // The same offer, which is used up.
    quote(acme, { askSize: '4', ask: '102' });
    await until(order, ['PARTIALLY_FILLED', '8', '212.31']); // 636.94 × 2/6 = 212.31333…
    quote(acme, { askSize: '5', ask: '102' });
    await until(order, ['FILLED', '10', '0']);
    expect(await tradesOf()).toEqual([
      'BUY 2 102 0.2 0', // 0.204
      'BUY 4 102 0.41 0', // 0.408
      'BUY 4 101 0.4 0', // 0.404
    ]);
    expect((await balanceOf())[1]).toBe('0');
  });

  test('comes after those before it', async () => {
    quote(acme, { askSize: '0' });
    const first = await buy('10');
    time.advance(1);
    const second = await buy('10');
    quote(acme, { askSize: '15' });
    await until(first, ['FILLED', '10', '0']);
    await until(second, ['PARTIALLY_FILLED', '5', '530.78']); // 1,061.56 / 2
  });

  test('ends when the price ran away from the cash of its account', async () => {
    quote(acme, { askSize: '0' });
    const order = await buy('90'); // Holds back 90 × 106.05 + 9.54 = 9,554.04
    quote(acme, { ask: '111' }); // 90 × 111 + 9.99 = 9,999.99: all but a cent
    await until(order, ['FILLED', '90', '0']);
    expect(await balanceOf()).toEqual(['0.01', '0']);

    const other = await floor.openAccount(owner, '10000');
    quote(acme, { askSize: '0' });
    const lost = await exchange.place(owner, other, { instrument: acme, quantity: '90' });
    quote(acme, { ask: '112' }); // 10,080 + 10.08
    await until(lost, ['REJECTED', '0', '0']);
    expect(await newest(lost)).toMatchObject({
      reasonCode: 'INSUFFICIENT_FUNDS',
      reason: 'Order needs 10090.08; 10000 is free.',
    });
    quote(acme, { askSize: '1' });
    const part = await exchange.place(owner, other, { instrument: acme, quantity: '90' });
    quote(acme, { ask: '112', askSize: '1000' }); // 89 × 112 = 9,968 of 9,898.90
    await until(part, ['CANCELED', '1', '0']);
  });
});

describe('an order that fails unexpectedly', () => {
  test('stops no other, changes nothing, is told, and is tried again', async () => {
    quote(acme, { askSize: '0' });
    const bad = await buy('10');
    time.advance(1);
    const good = await buy('10');
    poisoned = bad.id;
    quote(acme);
    await until(good, ['FILLED', '10', '0']);
    expect(summaryOf(await newest(bad))).toEqual(['ACCEPTED', '0', '1061.56']);
    expect(await tradesOf()).toHaveLength(1);
    expect(exchange.errors).toMatchObject([
      { fields: { orderId: bad.id, failures: 1, isStuck: false } },
    ]);
    poisoned = undefined;
    quote(acme); // Too soon: it waits 200 ms.
    time.advance(200);
    quote(acme);
    await until(bad, ['FILLED', '10', '0']);
    expect(exchange.errors).toHaveLength(1);
  });

  /** Lets time pass until the order has failed twenty times. */
  const failTwenty = async () => {
    while (exchange.errors.length < 20) {
      const tries = exchange.errors.length;
      time.advance(30_000);
      quote(acme);
      const isTried = () => expect(exchange.errors.length).toBeGreaterThan(tries);
      await vi.waitFor(isTried, { timeout: 20_000 });
    }
    expect(exchange.errors.at(-1)).toMatchObject({ fields: { isStuck: true } });
  };
  const FIVE_MINUTES_MS = 300_000;

  test('is tried every five minutes after twenty tries, and told no more', async () => {
    quote(acme, { askSize: '0' });
    const bad = await buy('10');
    poisoned = bad.id;
    await failTwenty();
    time.advance(FIVE_MINUTES_MS);
    quote(acme);
    // One after it is tried after it: the try of before has failed, and was not told.
    await until(await buy('1'), ['FILLED', '1', '0']);
    poisoned = undefined;
    time.advance(FIVE_MINUTES_MS - 1);
    quote(acme);
    await until(await buy('1'), ['FILLED', '1', '0']);
    expect((await newest(bad)).status).toBe('ACCEPTED');
    time.advance(1);
    quote(acme);
    await until(bad, ['FILLED', '10', '0']);
    expect(exchange.errors).toHaveLength(20);
  });

  test('to end lets go of its cash once it can', async () => {
    quote(acme, { askSize: '0' });
    const expiresAt = new Date(time.clock.now().getTime() + 10_000);
    const limitPrice = decimal('100');
    const bad = await exchange.place(owner, account, {
      ...{ instrument: acme, quantity: '10', type: 'LIMIT', limitPrice },
      ...{ timeInForce: 'GTD', expiresAt },
    });
    await database.query(
      `ALTER TABLE orders ADD CONSTRAINT no_end CHECK (status <> 'EXPIRED') NOT VALID`,
    );
    await failTwenty();
    await database.query('ALTER TABLE orders DROP CONSTRAINT no_end');
    expect(await balanceOf()).toEqual(['10000', '1001']); // 10 × 100 + 1.00
    time.advance(FIVE_MINUTES_MS);
    await until(bad, ['EXPIRED', '0', '0']);
    expect(await balanceOf()).toEqual(['10000', '0']);
  });
});

describe('an engine that stops', () => {
  test('finishes the fill in flight and begins no other', async () => {
    quote(acme, { askSize: '0' });
    const waiting: Order[] = [];
    for (let index = 0; index < 5; index += 1) {
      waiting.push(await buy('1'));
      time.advance(1);
    }
    quote(acme);
    await engine.stop();
    const filled = await Promise.all(waiting.map(newest));
    expect(filled.map(({ status }) => status)).toEqual([
      'FILLED',
      ...['ACCEPTED', 'ACCEPTED', 'ACCEPTED', 'ACCEPTED'],
    ]);
    quote(acme, { ask: '102' });
    expect(await tradesOf()).toHaveLength(1);
    const order = await buy('1');
    expect(order.status).toBe('ACCEPTED');
  });
});
