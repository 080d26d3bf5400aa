import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { systemViewer } from '../../../src/services/platform/viewer.ts';
import {
  createHistoryBooking,
  type HistoryBook,
  type HistoryTrade,
} from '../../../src/services/portfolio/history-booking.ts';
import { leaveBroken } from '../../support/books-left.ts';
import { createTestDatabase } from '../../support/database.ts';
import { dumpTables } from '../../support/table-dump.ts';
import { createTradingFloor, decimal } from '../../support/trading-floor.ts';
import { until } from '../../support/until.ts';
import type { Account } from '../../../src/services/platform/prisma/client.ts';

const database = await createTestDatabase();
// One trade waits while another is booked that is told to be later.
leaveBroken(
  database,
  'trades-keep-the-position-they-left',
  'positions-are-as-their-newest-trade-left-them',
);
const floor = createTradingFloor(database);
const histories = createHistoryBooking(floor);
const owner = await floor.addPerson();
const instrument = await floor.addInstrument({ symbol: 'ACME.SIM' });
const euro = await floor.addInstrument({ symbol: 'EURO.SIM', currency: 'EUR' });

const OPEN = new Date('2025-10-01T13:30:00Z');
const LATER = new Date('2025-10-02T13:30:00Z');
const trade = (given: Partial<HistoryTrade> = {}): HistoryTrade => ({
  instrument,
  side: 'BUY',
  quantity: decimal(10),
  price: decimal(10),
  cashAmount: decimal(-100),
  importKey: randomUUID(),
  source: 'IMPORTED',
  executedAt: OPEN,
  ...given,
});
/** One transaction, with the book that it opens. */
const write = (account: Pick<Account, 'id'>, work: (book: HistoryBook) => unknown) =>
  database.worker.withViewer(systemViewer(), async (tx) => {
    await work(await histories.open(tx, account));
  });

describe('a history', () => {
  test('leaves positions, cash and the ledger as its trades and corrections say', async () => {
    const account = await floor.openAccount(owner, '1000');
    await write(account, async (book) => {
      book.trade(trade());
      book.trade(
        trade({
          ...{ side: 'SELL', quantity: decimal(15), price: decimal('12.5') },
          ...{ cashAmount: decimal('187.504'), source: 'CORRECTION', executedAt: LATER },
          flags: ['PRICE_OUTSIDE_BAR', 'OUT_OF_ORDER'],
        }),
      );
      book.correctCash({ amount: decimal('-7.5'), occurredAt: LATER });
      book.correctCash({ amount: decimal(0), occurredAt: LATER });
      // 1000 − 100 + 187.50 − 7.50
      expect(book.cash.toFixed()).toBe('1080');
      expect(book.quantityOf(instrument.id).toFixed()).toBe('-5');
      expect(book.quantityOf(euro.id).toFixed()).toBe('0');
      await book.flush();
    });
    // Sold 15 for 187.50: 10 of them, for 125, close at a cost of 100; 5, for 62.50, are a short.
    const positions = await database.query(
      `SELECT quantity::float, total_cost::float AS cost, realized_pnl::float AS realized, opened_at,
         closed_at, updated_at FROM positions WHERE account_id = $1 ORDER BY opened_at`,
      [account.id],
    );
    expect(positions).toEqual([
      {
        ...{ quantity: 0, cost: 0, realized: 25 },
        opened_at: OPEN,
        closed_at: LATER,
        updated_at: LATER,
      },
      {
        ...{ quantity: -5, cost: -62.5, realized: 0 },
        opened_at: LATER,
        closed_at: null,
        updated_at: LATER,
      },
    ]);
    const trades = await database.query(
      `SELECT source, flags::text, fee::float, position_quantity::float AS quantity,
         position_cost::float AS cost, position_realized::float AS realized
       FROM trades WHERE account_id = $1 ORDER BY executed_at`,
      [account.id],
    );
    expect(trades).toEqual([
      { source: 'IMPORTED', flags: '{}', fee: 0, quantity: 10, cost: 100, realized: 0 },
      {
        ...{ source: 'CORRECTION', flags: '{PRICE_OUTSIDE_BAR,OUT_OF_ORDER}', fee: 0 },
        ...{ quantity: -5, cost: -62.5, realized: 0 },
      },
    ]);
    const entries = await database.query<Record<string, unknown>>(
      `SELECT t.cause, e.line, e.ledger_account, e.account_id, e.amount::float
       FROM ledger_transfers t JOIN ledger_entries e ON e.transfer_id = t.id
       WHERE t.id IN (SELECT transfer_id FROM ledger_entries WHERE account_id = $1)
         AND t.cause <> 'DEPOSIT'
       ORDER BY t.id, e.line`,
      [account.id],
    );
    expect(entries.map((entry) => Object.values(entry))).toEqual([
      ['FILL', 0, 'CASH', account.id, -100],
      ['FILL', 1, 'CLEARING', null, 100],
      ['FILL', 0, 'CASH', account.id, 187.5],
      ['FILL', 1, 'CLEARING', null, -187.5],
      ['CORRECTION', 0, 'CASH', account.id, -7.5],
      ['CORRECTION', 1, 'EXTERNAL', null, 7.5],
    ]);
  });

  test('is read in the order of booking where all has one time', async () => {
    const account = await floor.openAccount(owner, '100000');
    const keys = Array.from({ length: 500 }, (_, index) => `line ${String(index)}`);
    await write(account, async (book) => {
      for (const [index, importKey] of keys.entries()) {
        book.trade(trade({ importKey }));
        if (index === 123 || index === 321) await book.flush();
      }
      await book.flush();
    });
    const rows = await database.query<{ import_key: string; position_quantity: string }>(
      `SELECT import_key, position_quantity::float FROM trades WHERE account_id = $1
       ORDER BY executed_at, id`,
      [account.id],
    );
    expect(rows.map((row) => row.import_key)).toEqual(keys);
    expect(rows.at(-1)?.position_quantity).toBe(5_000);
  });

  test('keeps keys with any characters', async () => {
    const account = await floor.openAccount(owner, '1000');
    const keys = ['', 'a,b', '{"c"}', 'd\\', "e'", 'NULL', ' f ', '名前:1'];
    await write(account, async (book) => {
      for (const importKey of keys) book.trade(trade({ importKey }));
      await book.flush();
    });
    const rows = await database.query<{ import_key: string }>(
      `SELECT import_key FROM trades WHERE account_id = $1 ORDER BY id`,
      [account.id],
    );
    expect(rows.map((row) => row.import_key)).toEqual(keys);
  });

  test('writes what is pending once, and nothing when nothing is', async () => {
    const account = await floor.openAccount(owner, '1000');
    await write(account, async (book) => {
      book.trade(trade());
      await book.flush();
      await book.flush();
    });
    const before = await dumpTables(database);
    expect(
      before['trades']?.filter((row) => (row as { account_id: string }).account_id === account.id),
    ).toHaveLength(1);
    await write(account, (book) => book.flush());
    expect(await dumpTables(database)).toEqual(before);
  });

  test('follows what the account has already, and makes trades of others wait', async () => {
    const account = await floor.openAccount(owner, '1000');
    await floor.hold(account, instrument, '3');
    let booked: Promise<unknown> = Promise.resolve();
    let isBooked = false;
    await write(account, async (book) => {
      expect([book.cash.toFixed(), book.quantityOf(instrument.id).toFixed()]).toEqual(['997', '3']);
      booked = floor.hold(account, instrument, '4').then(() => {
        isBooked = true;
      });
      await until('the other trade waits for a lock', async () => {
        const waiting = await database.query(
          `SELECT pid FROM pg_stat_activity
           WHERE datname = current_database() AND wait_event_type = 'Lock'`,
        );
        return waiting.length === 1;
      });
      book.trade(trade({ executedAt: floor.clock.now() }));
      await book.flush();
      expect(isBooked).toBe(false);
    });
    await booked;
    // 3 + 10 + 4 held, for 3 + 100 + 4
    const [row] = await database.query(
      `SELECT p.quantity::float, p.total_cost::float AS cost, a.cash::float
       FROM positions p JOIN accounts a ON a.id = p.account_id WHERE a.id = $1`,
      [account.id],
    );
    expect(row).toEqual({ quantity: 17, cost: 107, cash: 893 });
  });
});

describe('what cannot be booked leaves nothing of its transaction', () => {
  test.each<[string, (book: HistoryBook) => unknown, RegExp]>([
    ['another currency', (b) => b.trade(trade({ instrument: euro })), /EURO\.SIM is in EUR/],
    ['no quantity', (b) => b.trade(trade({ quantity: decimal(0) })), /cannot change/],
    [
      'more decimals than are kept',
      (b) => b.trade(trade({ quantity: decimal('1e-19') })),
      /decimals/,
    ],
    ['cash of the wrong sign', (b) => b.trade(trade({ cashAmount: decimal(5) })), /cannot change/],
    [
      'a time before the last',
      (b) => b.trade(trade({ executedAt: OPEN })),
      /cannot be booked after/,
    ],
    [
      'parts of a cent',
      (b) => b.correctCash({ amount: decimal('0.001'), occurredAt: LATER }),
      /no amount of USD/,
    ],
    [
      'no number',
      (b) => b.correctCash({ amount: decimal('NaN'), occurredAt: LATER }),
      /no amount of USD/,
    ],
    [
      'a price of zero',
      (b) => b.trade(trade({ price: decimal(0), executedAt: LATER })),
      /trades_numbers/,
    ],
    [
      'a key that is booked',
      (b) => b.trade(trade({ importKey: 'known', executedAt: LATER })),
      /unique/i,
    ],
  ])('%s', async (_what, attempt, reason) => {
    const account = await floor.openAccount(owner, '1000');
    await write(account, async (book) => {
      book.trade(trade({ importKey: 'known', executedAt: LATER }));
      await book.flush();
    });
    const before = await dumpTables(database);
    const attempted = write(account, async (book) => {
      book.trade(trade({ executedAt: LATER }));
      await book.flush();
      attempt(book);
      await book.flush();
    });
    await expect(attempted).rejects.toThrow(reason);
    expect(await dumpTables(database)).toEqual(before);
  });

  test('an account that is not there', async () => {
    const before = await dumpTables(database);
    const attempt = write({ id: randomUUID() }, (book) => book.flush());
    await expect(attempt).rejects.toThrow(/There is no account/);
    expect(await dumpTables(database)).toEqual(before);
  });

  test('and the server may not write history at all', async () => {
    const account = await floor.openAccount(owner, '1000');
    const before = await dumpTables(database);
    const attempt = database.server.withViewer(owner, async (tx) => {
      const book = await histories.open(tx, account);
      book.trade(trade());
      await book.flush();
    });
    await expect(attempt).rejects.toThrow(/permission denied/);
    expect(await dumpTables(database)).toEqual(before);
  });
});
