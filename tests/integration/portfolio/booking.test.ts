import { describe, expect, test } from 'vitest';
import { toPayload } from '../../../src/services/platform/payload.ts';
import { systemViewer } from '../../../src/services/platform/viewer.ts';
import {
  parseBalanceChanged,
  parsePositionChanged,
  parseTradeExecuted,
} from '../../../src/services/portfolio/events.ts';
import { leaveBroken } from '../../support/books-left.ts';
import { createTestDatabase } from '../../support/database.ts';
import { createTradingFloor, decimal } from '../../support/trading-floor.ts';
import type { NewTrade } from '../../../src/services/portfolio/booking.ts';
import type { Account, Instrument } from '../../../src/services/platform/prisma/client.ts';

const database = await createTestDatabase();
// A fill is booked twice for an order without a history, and cash is held back for none.
leaveBroken(database, 'fills-are-steps-of-their-order', 'reserved-is-held-by-open-orders');
const floor = createTradingFloor(database);
const owner = await floor.addPerson();
const instrument = await floor.addInstrument({ symbol: 'ACME.SIM' });
const euro = await floor.addInstrument({ symbol: 'EURO.SIM', currency: 'EUR' });

const EXECUTED_AT = new Date('2026-03-02T15:00:00Z');
const trade = (account: Account, given: Partial<NewTrade> = {}): NewTrade => ({
  account,
  instrument,
  side: 'BUY',
  quantity: decimal(10),
  price: decimal(10),
  fee: decimal(0),
  source: 'PAPER',
  executedAt: EXECUTED_AT,
  ...given,
});
const book = (given: NewTrade) =>
  database.worker.withViewer(systemViewer(), (tx) => floor.booking.bookTrade(tx, given));
/** Everything that a trade changes, to compare before and after. */
const booksOf = (account: Account) =>
  database.query(
    `SELECT cash::text, reserved::text,
       (SELECT count(*)::int FROM trades WHERE account_id = $1) AS trades,
       (SELECT count(*)::int FROM positions WHERE account_id = $1) AS positions,
       (SELECT count(*)::int FROM ledger_entries WHERE account_id = $1) AS entries,
       (SELECT count(*)::int FROM outbox WHERE topic = 'account:' || $1) AS events
     FROM accounts WHERE id = $1::uuid`,
    [account.id],
  );
const eventsOf = (account: Account) =>
  database.query<{ type: string; version: number; owner_id: string; payload: object }>(
    `SELECT type, version, owner_id, payload FROM outbox WHERE topic = $1 ORDER BY id`,
    [`account:${account.id}`],
  );

describe('booking a trade', () => {
  test('keeps gross, fee and net apart, and the fee out of the cost', async () => {
    const account = await floor.openAccount(owner, '1000');
    await book(trade(account, { fee: decimal('1.25') }));
    const sold = await book(
      trade(account, {
        side: 'SELL',
        quantity: decimal(4),
        price: decimal(12),
        fee: decimal('0.5'),
      }),
    );
    // 1000 − 100 − 1.25 + 48 − 0.50 = 946.25; 4 × (12 − 10) = 8; 100 × 6/10 = 60
    expect(sold.account.cash.toFixed()).toBe('946.25');
    expect(sold.trade.realizedGross.toFixed()).toBe('8');
    expect(sold.trade.cashAmount.toFixed()).toBe('48');
    expect(sold.trade.fee.toFixed()).toBe('0.5');
    expect(sold.position.quantity.toFixed()).toBe('6');
    expect(sold.position.totalCost.toFixed()).toBe('60');
    const stored = await database.worker.snapshot(systemViewer(), (tx) =>
      tx.account.findUniqueOrThrow({ where: { id: account.id } }),
    );
    expect(toPayload({ ...stored })).toEqual(toPayload({ ...sold.account }));
  });

  test('posts the fill against clearing and the fee against fees', async () => {
    const account = await floor.openAccount(owner, '1000');
    const { trade: booked } = await book(trade(account, { fee: decimal('1.25') }));
    const entries = await database.query<Record<string, string | null>>(
      `SELECT t.cause, e.ledger_account, e.account_id, e.amount::text
       FROM ledger_transfers t JOIN ledger_entries e ON e.transfer_id = t.id
       WHERE t.cause_id = $1 ORDER BY t.cause, e.line`,
      [booked.id],
    );
    expect(entries.map((entry) => Object.values(entry))).toEqual([
      ['FILL', 'CASH', account.id, '-100.000000000000000000'],
      ['FILL', 'CLEARING', null, '100.000000000000000000'],
      ['FEE', 'CASH', account.id, '-1.250000000000000000'],
      ['FEE', 'FEES', null, '1.250000000000000000'],
    ]);
  });

  test('books the cash that an import brings, and rounds its own half-even', async () => {
    const account = await floor.openAccount(owner, '1000');
    const price = decimal('33.333333333333333333');
    const imported = await book(
      trade(account, { quantity: decimal(3), price, cashAmount: decimal('-100.01') }),
    );
    expect(imported.account.cash.toFixed()).toBe('899.99');
    expect(imported.trade.price.toFixed()).toBe('33.333333333333333333');
    // 1 × 0.125 = 0.125 → 0.12 half-even; 1 × 0.135 → 0.14
    const down = await book(trade(account, { quantity: decimal(1), price: decimal('0.125') }));
    const up = await book(trade(account, { quantity: decimal(1), price: decimal('0.135') }));
    expect(down.trade.cashAmount.toFixed()).toBe('-0.12');
    expect(up.trade.cashAmount.toFixed()).toBe('-0.14');
  });

  test('keeps a closed position and opens another when it crosses zero', async () => {
    const account = await floor.openAccount(owner, '1000');
    await book(trade(account));
    const later = new Date('2026-03-03T15:00:00Z');
    const crossed = await book(
      trade(account, {
        side: 'SELL',
        quantity: decimal(15),
        price: decimal(12),
        executedAt: later,
      }),
    );
    expect(crossed.trade.realizedGross.toFixed()).toBe('20'); // 10 × (12 − 10)
    const positions = await floor.portfolios.positions(owner, {}, { accountId: account.id });
    expect(
      positions.map(({ quantity, totalCost, realizedPnl, openedAt, closedAt }) => [
        quantity.toFixed(),
        totalCost.toFixed(),
        realizedPnl.toFixed(),
        openedAt,
        closedAt,
      ]),
    ).toEqual([
      ['-5', '-60', '0', later, null],
      ['0', '0', '20', EXECUTED_AT, later],
    ]);
    expect((await eventsOf(account)).map(({ type }) => type)).toEqual([
      'BalanceChanged',
      ...['TradeExecuted', 'PositionChanged', 'BalanceChanged'],
      ...['TradeExecuted', 'PositionChanged', 'PositionChanged', 'BalanceChanged'],
    ]);
  });

  test('tells whole rows, which read back as they were', async () => {
    const account = await floor.openAccount(owner, '1000');
    const quote = { bid: decimal('9.99'), ask: decimal(10), time: EXECUTED_AT };
    const booked = await book(trade(account, { quote, quantity: decimal('0.00000001') }));
    const events = (await eventsOf(account)).slice(-3);
    expect(events.map(({ version, owner_id: id }) => [version, id])).toEqual(
      events.map(() => [1, owner.userId]),
    );
    const [tradeEvent, positionEvent, balanceEvent] = events.map(({ payload }) => payload);
    expect(tradeEvent).toMatchObject({ quantity: '0.00000001', quoteBid: '9.99' });
    // Read back and written again: the classes of decimals differ, their digits do not.
    const again = (row: object) => toPayload({ ...row });
    expect(again(parseTradeExecuted(tradeEvent))).toEqual(again(booked.trade));
    expect(again(parsePositionChanged(positionEvent))).toEqual(again(booked.position));
    expect(again(parseBalanceChanged(balanceEvent))).toEqual(
      again({ ...booked.account, buyingPower: booked.account.cash }),
    );
  });

  test('frees the cash that the order held back', async () => {
    const account = await floor.openAccount(owner, '1000');
    await database.query(`UPDATE accounts SET reserved = 105 WHERE id = $1`, [account.id]);
    const booked = await book(trade(account, { released: decimal(65) }));
    expect(booked.account.reserved.toFixed()).toBe('40');
    const [event] = (await eventsOf(account)).slice(-1);
    expect(event?.payload).toMatchObject({ cash: '900', reserved: '40', buyingPower: '860' });
  });
});

const fill = { orderId: '01890000-0000-7000-8000-000000000001', fillSequence: 1 };
const booked = await floor.openAccount(owner, '1000');
await book(trade(booked, { ...fill, importKey: 'file:1' }));

describe('a trade that cannot be booked changes nothing', () => {
  test.each<[string, Partial<NewTrade>, RegExp]>([
    ['the same fill again', fill, /unique/i],
    ['the same import key again', { importKey: 'file:1' }, /unique/i],
    ['another currency', { instrument: euro }, /EURO\.SIM is in EUR, the account in USD/],
    ['no quantity', { quantity: decimal(0) }, /cannot change/],
    ['more decimals than are kept', { quantity: decimal('1e-19') }, /more decimals/],
    ['cash of the wrong sign', { cashAmount: decimal(5) }, /cannot change/],
    ['a price of zero', { price: decimal(0) }, /trades_numbers/],
    ['a fee that pays', { fee: decimal(-1) }, /trades_numbers/],
    ['a fill number without an order', { fillSequence: 2 }, /trades_numbers/],
    ['more freed than was held', { released: decimal(1) }, /accounts_numbers/],
    ['an account that is not there', { account: { id: fill.orderId } }, /There is no account/],
  ])('%s', async (_what, given, reason) => {
    const before = await booksOf(booked);
    await expect(book(trade(booked, given))).rejects.toThrow(reason);
    expect(await booksOf(booked)).toEqual(before);
  });

  test('and the server may not write trades or positions at all', async () => {
    const before = await booksOf(booked);
    const attempt = database.server.withViewer(owner, (tx) =>
      floor.booking.bookTrade(tx, trade(booked)),
    );
    await expect(attempt).rejects.toThrow(/permission denied/);
    expect(await booksOf(booked)).toEqual(before);
  });
});

describe('fifty trades at once in one account', () => {
  test('lose nothing', async () => {
    const account = await floor.openAccount(owner, '1000');
    const instruments: Instrument[] = [];
    for (let index = 0; index < 5; index += 1) instruments.push(await floor.addInstrument());
    await Promise.all(
      Array.from({ length: 50 }, (_, index) => {
        const traded = instruments[index % 5] ?? instrument;
        return book(trade(account, { instrument: traded, quantity: decimal(1), fee: decimal(1) }));
      }),
    );
    const positions = await floor.portfolios.positions(owner, {}, { accountId: account.id });
    expect(positions.map(({ quantity }) => quantity.toFixed())).toEqual(
      Array.from({ length: 5 }, () => '10'),
    );
    const [after] = await floor.portfolios.list(owner, { where: { id: account.id } });
    expect(after?.cash.toFixed()).toBe('450'); // 1000 − 50 × (10 + 1)
  });
});
