import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import { createOrderPreviews } from '../../../src/services/trading/order-preview.ts';
import { systemViewer } from '../../../src/services/platform/viewer.ts';
import { createBooks, refusalOf } from '../../support/books.ts';
import { decimal } from '../../support/trading-floor.ts';
import { openRiskHouse } from './risk-house.ts';

const house = await openRiskHouse();
const { database, floor, time, exchange, owner, settings, setLimits, place, quote } = house;
const { account, acme } = house;
const books = createBooks(database);
const DAY_MS = 24 * 60 * 60 * 1_000;

afterEach(() => database.query('DELETE FROM risk_limits'));

/** Code and numbers of the refusal, or "taken". */
async function say(order: Parameters<typeof place>[0]): Promise<string> {
  try {
    await place(order);
    return 'taken';
  } catch (error) {
    const { code, orderId, name, ...numbers } = error as Record<string, unknown>;
    expect([typeof orderId, typeof name]).toEqual(['string', 'string']);
    const texts = Object.values(numbers).map((value) => String(value));
    return [code, ...texts].join(' ');
  }
}

/** So that another order is judged with as much as there was. */
const canceled = async (order: Promise<{ readonly id: string }>) => {
  const { id: orderId } = await order;
  return exchange.orders.cancel(owner, { orderId, idempotencyKey: randomUUID() });
};

describe('an order beyond a limit', () => {
  test('is stored as DENIED with its numbers, and changes nothing else', async () => {
    quote();
    await setLimits({ maxOrderValue: decimal('1009.99') });
    const before = await books.of(account());
    const order = { quantity: '10', clientOrderId: randomUUID() };
    const first = await refusalOf(place(order));
    expect(first).toMatchObject({
      ...{ code: 'ORDER_VALUE_TOO_HIGH', value: decimal('1010'), maximum: decimal('1009.99') },
    });
    expect(await books.of(account())).toEqual(before);
    expect(await books.orders(account())).toMatchObject([
      { status: 'DENIED', reason_code: 'ORDER_VALUE_TOO_HIGH' },
    ]);
    // The same again gets the first answer, whatever the limits are by now.
    await setLimits({ maxOrderValue: null });
    expect(await refusalOf(place(order))).toEqual(first);
    expect(await say({ quantity: '10' })).toBe('taken');
  });

  test.each([
    ['the deployment', 'DEPLOYMENT' as const],
    ['their person', 'USER' as const],
  ])('of %s is refused, and the strictest decides', async (_whose, scope) => {
    quote();
    await setLimits({ maxOrderValue: decimal(100) }, { scope });
    await setLimits({ maxOrderValue: decimal(1_000_000) });
    expect(await say({ quantity: '1' })).toBe('ORDER_VALUE_TOO_HIGH 101 100');
  });

  test('of somebody else is none', async () => {
    quote();
    const other = await floor.addPerson();
    const theirs = await floor.openAccount(other, '10000');
    const limits = { maxOrderValue: decimal(1) };
    const command = { limits, idempotencyKey: randomUUID() };
    await settings.set(other, { ...command, scope: 'USER' });
    const another = await floor.openAccount(owner, '10000');
    await settings.set(owner, { ...command, scope: 'ACCOUNT', accountId: another.id });
    expect(await say({ quantity: '1' })).toBe('taken');
    await expect(
      exchange.place(other, theirs, { instrument: acme(), quantity: '1' }),
    ).rejects.toThrow(/is the most/);
  });

  test('is refused in a preview, too', async () => {
    quote();
    await setLimits({ allowedSymbols: [(await floor.addInstrument()).symbol] });
    const previews = createOrderPreviews({
      ...{ db: database.server, clock: time.clock, quotes: exchange.quotes },
    });
    const { refusal } = await previews.preview(owner, {
      ...{ accountId: account().id, symbol: acme().symbol, side: 'BUY', quantity: decimal(1) },
    });
    expect(refusal).toMatchObject({ code: 'SYMBOL_NOT_ALLOWED', symbol: acme().symbol });
    expect(await say({ quantity: '1' })).toBe(`SYMBOL_NOT_ALLOWED ${acme().symbol}`);
  });
});

test('the price of an instrument is the quoted one', async () => {
  quote({ bid: '99', ask: '101' });
  await setLimits({ maxInstrumentPrice: decimal('100.99') });
  expect(await say({ quantity: '1' })).toBe('INSTRUMENT_PRICE_TOO_HIGH 101 100.99');
  await setLimits({ maxInstrumentPrice: decimal('101') });
  expect(await say({ quantity: '1' })).toBe('taken');
});

test('the collar of an account is tighter than 20%, and wider for the deployment alone', async () => {
  quote({ bid: '99', ask: '100' });
  const limit = (price: string) =>
    say({ type: 'LIMIT', limitPrice: decimal(price), quantity: '1' });
  await setLimits({ priceCollar: decimal('0.05') });
  expect(await limit('105.01')).toBe('PRICE_OUT_OF_RANGE 105.01 105');
  expect(await limit('105')).toBe('taken');
  await setLimits({ priceCollar: decimal('0.5') });
  expect(await limit('120.01')).toBe('PRICE_OUT_OF_RANGE 120.01 120');
  await setLimits({ priceCollar: decimal('0.5') }, { scope: 'DEPLOYMENT' });
  expect(await limit('150.01')).toBe('PRICE_OUT_OF_RANGE 150.01 150');
  expect(await limit('150')).toBe('taken');
});

test('a position counts with all open orders of its side, over equity at the newest prices', async () => {
  quote({ bid: '100', ask: '100' });
  await place({ quantity: '10' });
  const open = { type: 'LIMIT', limitPrice: decimal(90) } as const;
  await place({ ...open, quantity: '10' });
  // 9,000 cash and 10 × 100: equity 10,000. (10 + 10 + 10) × 100 = 3,000.
  await setLimits({ maxPositionShare: decimal('0.299999') });
  expect(await say({ ...open, quantity: '10' })).toBe('POSITION_TOO_LARGE 3000 2999.99 0.299999');
  await setLimits({ maxPositionShare: decimal('0.3') });
  await canceled(place({ ...open, quantity: '10' }));
  // At 200: equity 11,000; 20 and one more are worth 4,200 of 3,300.
  quote({ bid: '200', ask: '200' });
  expect(await say({ ...open, quantity: '1' })).toBe('POSITION_TOO_LARGE 4200 3300 0.3');
  expect(await say({ side: 'SELL', quantity: '10' })).toBe('taken');
});

const post = (cause: 'DEPOSIT' | 'RESET', amount: string) =>
  database.worker.withViewer(systemViewer(), (tx) =>
    floor.ledger.post(tx, {
      ...{ ownerId: owner.userId, cause, causeId: randomUUID(), currency: 'USD' },
      occurredAt: time.clock.now(),
      lines: [
        { ledgerAccount: 'CASH', accountId: account().id, amount: decimal(amount) },
        { ledgerAccount: 'EXTERNAL', amount: decimal(amount).negated() },
      ],
    }),
  );

describe('a loss within a day', () => {
  /** What the account was worth at a time, as it is recorded each minute. */
  const record = (at: string, equity: string) =>
    database.query(
      `INSERT INTO equity_points (account_id, at, owner_id, cash, cost, equity)
       VALUES ($1, $2, $3, $4::numeric, 0, $4::numeric)`,
      [account().id, at, owner.userId, equity],
    );

  test('is reached at the limit, deposits apart: then only what makes a position smaller is taken', async () => {
    quote({ bid: '99', ask: '101' });
    await place({ quantity: '10' });
    // 10,000 − 1,010 + 10 × 99 = 9,980.
    await setLimits({ dailyLossLimit: decimal('20.01') });
    expect(await say({ quantity: '1' })).toBe('taken');
    // 11 × 2 lost.
    await setLimits({ dailyLossLimit: decimal('22') });
    expect(await say({ quantity: '1' })).toBe('DAILY_LOSS_REACHED 22 22');
    await post('DEPOSIT', '5000');
    expect(await say({ quantity: '1' })).toBe('DAILY_LOSS_REACHED 22 22');
    await post('DEPOSIT', '-4000');
    expect(await say({ quantity: '1' })).toBe('DAILY_LOSS_REACHED 22 22');
    expect(await say({ side: 'SELL', quantity: '11' })).toBe('taken');
    // Beyond what is held it would open a short.
    expect(await say({ side: 'SELL', quantity: '1' })).toBe('DAILY_LOSS_REACHED 22 22');
  });

  test('is counted from the last record before the day began in the zone of the account', async () => {
    quote({ bid: '100', ask: '100' });
    await place({ quantity: '10' });
    await setLimits({ dailyLossLimit: decimal(100) });
    // The next day in Chicago, 15:00Z: it began at 06:00Z.
    const day = time.clock.now();
    time.advance(DAY_MS);
    const date = new Date(day.getTime() + DAY_MS).toISOString().slice(0, 10);
    await record(`${date}T05:59:00Z`, '10050');
    await record(`${date}T06:01:00Z`, '20000');
    // 9,000 + 10 × 95.01 = 9,950.10: 99.90 less than 10,050, and 49.90 less than 10,000.
    quote({ bid: '95.01', ask: '95.01' });
    expect(await say({ quantity: '1' })).toBe('taken');
    // 9,000 − 95.01 + 11 × 95 = 9,949.99: 100.01 less.
    quote({ bid: '95', ask: '95' });
    expect(await say({ quantity: '1' })).toBe('DAILY_LOSS_REACHED 100.01 100');
  });
});

describe('after a reset', () => {
  test('what it sold at that instant is no loss of the day, and hides none', async () => {
    quote({ bid: '100', ask: '100' });
    await place({ quantity: '10' });
    // 9,000, and 500 for what is sold; 500 are given again.
    quote({ bid: '50', ask: '50' });
    await place({ side: 'SELL', quantity: '10' });
    await post('RESET', '500');
    await setLimits({ dailyLossLimit: decimal(100) });
    time.advance(1_000);
    quote({ bid: '100', ask: '100' });
    expect(await say({ quantity: '10' })).toBe('taken');
    // 9,000 + 10 × 90.01 = 9,900.10 of 10,000, then 9,900.
    quote({ bid: '90.01', ask: '90.01' });
    expect(await say({ quantity: '1', type: 'LIMIT', limitPrice: decimal(1) })).toBe('taken');
    quote({ bid: '90', ask: '90' });
    expect(await say({ quantity: '1' })).toBe('DAILY_LOSS_REACHED 100 100');
  });
});

describe('orders in a minute', () => {
  test('are as many as the limit, denied ones counted, and it helps to wait', async () => {
    quote();
    await setLimits({ ordersPerMinute: 3 });
    expect(await say({ quantity: '1' })).toBe('taken');
    time.advance(20_000);
    quote();
    expect(await say({ quantity: '1000' })).toBe('INSUFFICIENT_FUNDS 106050 9899');
    expect(await say({ quantity: '1' })).toBe('taken');
    // 40 seconds until the first is a minute ago; asking for it does not put it off.
    expect(await say({ quantity: '1' })).toBe('TOO_MANY_ORDERS 3 40');
    time.advance(39_999);
    quote();
    expect(await say({ quantity: '1' })).toBe('TOO_MANY_ORDERS 3 1');
    time.advance(1);
    expect(await say({ quantity: '1' })).toBe('taken');
    expect(await say({ quantity: '1' })).toBe('TOO_MANY_ORDERS 3 20');
  });

  test.each(['USER', 'DEPLOYMENT'] as const)(
    'that were refused as too many do not put off the next one, of %s either',
    async (scope) => {
      time.advance(60_000);
      quote();
      await setLimits({ ordersPerMinute: 2 }, { scope });
      expect(await say({ quantity: '1' })).toBe('taken');
      expect(await say({ quantity: '1' })).toBe('taken');
      time.advance(30_000);
      quote();
      // As many as the limit: if they counted, they would stand for the two of before.
      expect(await say({ quantity: '1' })).toBe('TOO_MANY_ORDERS 2 30');
      expect(await say({ quantity: '1' })).toBe('TOO_MANY_ORDERS 2 30');
      time.advance(30_000);
      quote();
      expect(await say({ quantity: '1' })).toBe('taken');
    },
  );

  test('are counted over all accounts of a person, and over everybody', async () => {
    time.advance(60_000);
    quote();
    const another = await floor.openAccount(owner, '10000');
    const stranger = await floor.addPerson();
    const theirs = await floor.openAccount(stranger, '10000');
    const order = { instrument: acme(), quantity: '1' };
    await setLimits({ ordersPerMinute: 2 }, { scope: 'USER' });
    await setLimits({ ordersPerMinute: 4 }, { scope: 'DEPLOYMENT' });
    expect(await say({ quantity: '1' })).toBe('taken');
    await exchange.place(owner, another, order);
    expect(await say({ quantity: '1' })).toBe('TOO_MANY_ORDERS 2 60');
    await exchange.place(stranger, theirs, order);
    await exchange.place(stranger, theirs, order);
    await expect(exchange.place(stranger, theirs, order)).rejects.toMatchObject({ maximum: 4 });
  });
});
