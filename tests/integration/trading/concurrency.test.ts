import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createRandom } from '../../../src/services/platform/random.ts';
import { systemTimers } from '../../../src/services/platform/timers.ts';
import { DomainError } from '../../../src/services/platform/errors.ts';
import { auditLedger } from '../../../src/services/portfolio/ledger-audit.ts';
import { createTestDatabase } from '../../support/database.ts';
import { createExchange } from '../../support/exchange.ts';
import { PlainBook, type Side } from '../../support/plain-book.ts';
import { createTradingFloor, decimal } from '../../support/trading-floor.ts';
import type { Account, Instrument } from '../../../src/services/platform/prisma/client.ts';

const CLIENTS = 50;
const ORDERS_EACH = Number(process.env['ORDERS_EACH'] ?? 6);

const database = await createTestDatabase();
const floor = createTradingFloor(database);
const owner = await floor.addPerson();
const instruments: Instrument[] = [];
for (let index = 0; index < 4; index += 1) {
  instruments.push(await floor.addInstrument({ feeBps: decimal(10) }));
}

const pick = <Item>(items: readonly Item[], random: number): Item => {
  const item = items[Math.floor(random * items.length)];
  if (item === undefined) throw new Error('There is nothing to pick.');
  return item;
};

/** Quotes that move and offer little, so that most orders fill in parts. */
const streamQuotes = (exchange: ReturnType<typeof createExchange>, seed: number) => {
  const random = createRandom(seed);
  const tick = () => {
    for (const instrument of instruments) {
      const cents = 9_000 + Math.floor(random.next() * 2_000);
      exchange.quote(instrument, {
        bid: (cents / 100).toFixed(2),
        ask: ((cents + 5) / 100).toFixed(2),
        bidSize: String(Math.floor(random.next() * 8)),
        askSize: String(Math.floor(random.next() * 8)),
      });
    }
  };
  tick();
  return systemTimers.every(20, tick);
};

/** Fifty clients who buy, sell, cancel and repeat themselves. Returns what went wrong unexpectedly. */
const trade = async (
  exchange: ReturnType<typeof createExchange>,
  accounts: readonly Account[],
): Promise<unknown[]> => {
  const unexpected: unknown[] = [];
  const attempt = async <T>(work: Promise<T>): Promise<T | undefined> => {
    try {
      return await work;
    } catch (error) {
      if (!(error instanceof DomainError)) unexpected.push(error);
      return undefined;
    }
  };
  await Promise.all(
    Array.from({ length: CLIENTS }, async (_, client) => {
      const random = createRandom(client + 1);
      for (let count = 0; count < ORDERS_EACH; count += 1) {
        const account = pick(accounts, random.next());
        const order = {
          instrument: pick(instruments, random.next()),
          side: pick<Side>(['BUY', 'BUY', 'SELL'], random.next()),
          quantity: String(1 + Math.floor(random.next() * 12)),
          clientOrderId: randomUUID(),
        };
        const placed = await attempt(exchange.place(owner, account, order));
        if (random.next() < 0.2) await attempt(exchange.place(owner, account, order));
        if (placed && random.next() < 0.4) {
          const command = { orderId: placed.id, idempotencyKey: randomUUID() };
          await attempt(exchange.orders.cancel(owner, command));
        }
      }
    }),
  );
  return unexpected;
};

const expectCleanBooks = async () => {
  // The database counts them when the sessions that had them rest.
  const [told] = await database.query<{ deadlocks: number }>(
    `SELECT deadlocks::int FROM pg_stat_database WHERE datname = current_database()`,
  );
  expect(told?.deadlocks).toBe(0);
  const { checks } = await auditLedger(database.worker);
  expect(checks.filter(({ brokenCount }) => brokenCount > 0)).toEqual([]);
};

/** The trades of an account, one after the other in a plain model, lead to what is stored. */
const expectSerialBooks = async (account: Account, startingCents: bigint) => {
  const cents = (text: string) => BigInt(decimal(text).times(100).toFixed());
  const trades = await database.query<Record<string, string> & { side: Side }>(
    `SELECT instrument_id, side, quantity::text, price::text, fee::text, realized_gross::text
     FROM trades WHERE account_id = $1 ORDER BY id`,
    [account.id],
  );
  const books = new Map<string, PlainBook>();
  let cash = startingCents;
  for (const row of trades) {
    const book = books.get(row['instrument_id'] ?? '') ?? new PlainBook(0n);
    books.set(row['instrument_id'] ?? '', book);
    const before = book.cash;
    const quantity = BigInt(decimal(row['quantity'] ?? '').toFixed());
    const [price, fee] = [cents(row['price'] ?? ''), cents(row['fee'] ?? '')];
    expect(book.trade(row.side, quantity, price, fee)).toBe(cents(row['realized_gross'] ?? ''));
    cash += book.cash - before;
    expect(book.held).toBeGreaterThanOrEqual(0n);
    expect(cash).toBeGreaterThanOrEqual(0n);
  }
  const [stored] = await floor.portfolios.list(owner, { where: { id: account.id } });
  expect(cents(stored?.cash.toFixed() ?? '')).toBe(cash);
  const positions = await floor.portfolios.positions(owner, {}, { accountId: account.id });
  for (const [instrumentId, book] of books) {
    const own = positions.filter((position) => position.instrumentId === instrumentId);
    const [open] = own.filter(({ closedAt }) => closedAt === null);
    expect(open?.quantity.toFixed() ?? '0').toBe(String(book.held));
    expect(cents(open?.totalCost.toFixed() ?? '0')).toBe(book.cost);
    const realized = own.reduce((sum, { realizedPnl }) => sum + cents(realizedPnl.toFixed()), 0n);
    expect(realized).toBe(book.realized);
  }
};

test('fifty clients on three accounts leave books as if they had come one by one', async () => {
  const accounts: Account[] = [];
  for (let index = 0; index < 3; index += 1) {
    accounts.push(await floor.openAccount(owner, '20000'));
  }
  const exchange = createExchange(database, floor);
  await exchange.engine.start();
  const endQuotes = streamQuotes(exchange, 1);
  const unexpected = await trade(exchange, accounts);
  endQuotes();
  await exchange.engine.stop();
  expect([unexpected, exchange.errors]).toEqual([[], []]);
  await expectCleanBooks();
  for (const account of accounts) await expectSerialBooks(account, 2_000_000n);
  const fills = await database.query('SELECT 1 FROM trades');
  expect(fills.length).toBeGreaterThan(CLIENTS);
}, 300_000);

test('two engines that take each other’s leases all the time fill nothing twice', async () => {
  const account = await floor.openAccount(owner, '20000');
  // Each believes that the other's lease ran out: its clock is an hour ahead when it renews.
  const renewAhead = { now: () => new Date(Date.now() + 3_600_000) };
  const exchange = createExchange(database, floor, { orders: { firstNewsMs: 0 } });
  const ports = { clock: renewAhead, renewMs: 30, leaseMs: 1, quoteFreshnessMs: 7_200_000 };
  const engines = [exchange.newEngine(ports), exchange.newEngine(ports)];
  for (const engine of engines) await engine.start();
  const endQuotes = streamQuotes(exchange, 2);
  for (let count = 0; count < 60; count += 1) {
    const instrument = pick(instruments, (count % 4) / 4);
    const order = await exchange.place(owner, account, { instrument, quantity: '3' });
    await Promise.all(engines.map((engine) => engine.accept(order)));
  }
  await sleep(1_000);
  endQuotes();
  await Promise.all(engines.map((engine) => engine.stop()));
  expect(exchange.errors).toEqual([]);
  await expectCleanBooks();
  await expectSerialBooks(account, 2_000_000n);
  const epochs = await database.query<{ epoch: string }>('SELECT epoch FROM instrument_leases');
  expect(Math.min(...epochs.map(({ epoch }) => Number(epoch)))).toBeGreaterThan(5);
}, 300_000);
