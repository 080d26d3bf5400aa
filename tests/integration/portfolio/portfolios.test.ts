import { describe, expect, test } from 'vitest';
import { Unauthenticated } from '../../../src/services/platform/errors.ts';
import {
  anonymousViewer,
  systemViewer,
  userViewer,
} from '../../../src/services/platform/viewer.ts';
import { auditLedger } from '../../../src/services/portfolio/ledger-audit.ts';
import { createBooks } from '../../support/books.ts';
import { createTestDatabase } from '../../support/database.ts';
import { createManualTime } from '../../support/manual-time.ts';
import { createTradingFloor, decimal } from '../../support/trading-floor.ts';
import type { NewAccount } from '../../../src/services/portfolio/portfolios.ts';
import type { Account, Instrument } from '../../../src/services/platform/prisma/client.ts';
import type { OrderSide } from '../../../src/services/platform/prisma/enums.ts';

const database = await createTestDatabase();
const time = createManualTime(new Date('2026-03-02T15:00:00Z'));
const floor = createTradingFloor(database, time.clock);
const { portfolios } = floor;
const books = createBooks(database);
const owner = await floor.addPerson();
const stranger = await floor.addPerson();
const admin = userViewer({ userId: stranger.userId, role: 'ADMIN' });
const [acme, bolt] = [
  await floor.addInstrument({ symbol: 'ACME.SIM' }),
  await floor.addInstrument({ symbol: 'BOLT.SIM' }),
];

const newAccount = (given: Partial<NewAccount> = {}): NewAccount => ({
  ownerId: owner.userId,
  name: 'Paper',
  kind: 'PAPER',
  currency: 'USD',
  zone: 'America/Chicago',
  startingCash: decimal('1000.005'),
  occurredAt: time.clock.now(),
  ...given,
});
const open = (given: Partial<NewAccount> = {}) =>
  database.server.withViewer(owner, (tx) => portfolios.open(tx, newAccount(given)));
const countAccounts = () => database.query('SELECT count(*)::int FROM accounts');

describe('opening an account', () => {
  test('deposits its starting cash and tells the balance', async () => {
    const account = await open();
    // Rounded half-even to cents: 1,000.005 lies between 1,000.00 and 1,000.01; the even one is 1,000.00
    expect([account.cash.toFixed(), account.startingCash.toFixed()]).toEqual(['1000', '1000']);
    const entries = await database.query(
      `SELECT t.cause, e.ledger_account, trim_scale(e.amount)::text AS amount
       FROM ledger_transfers t JOIN ledger_entries e ON e.transfer_id = t.id
       WHERE t.cause_id = $1 ORDER BY e.line`,
      [account.id],
    );
    expect(entries).toEqual([
      { cause: 'DEPOSIT', ledger_account: 'CASH', amount: '1000' },
      { cause: 'DEPOSIT', ledger_account: 'EXTERNAL', amount: '-1000' },
    ]);
    expect(await books.events(account)).toMatchObject([
      { type: 'BalanceChanged', owner_id: owner.userId, payload: { buyingPower: '1000' } },
    ]);
  });

  test('works without cash, in another currency, and by the worker', async () => {
    expect((await open({ startingCash: decimal(0) })).cash.toFixed()).toBe('0');
    const account = await database.worker.withViewer(systemViewer(), (tx) =>
      portfolios.open(tx, newAccount({ currency: 'USDT', startingCash: decimal('1.0000005') })),
    );
    expect(account.cash.toFixed()).toBe('1'); // Six decimals, half-even
  });

  test.each<[string, Partial<NewAccount>, RegExp]>([
    ['for somebody else', { ownerId: stranger.userId }, /row-level security/],
    ['with real money, by the server', { kind: 'LIVE' }, /not one of/],
    ['in no currency of ours', { currency: 'XXX' }, /Unknown currency/],
    ['with less than nothing', { startingCash: decimal(-1) }, /accounts_numbers/],
  ])('%s is refused and leaves nothing', async (_what, given, reason) => {
    const before = await countAccounts();
    await expect(open(given)).rejects.toThrow(reason);
    expect(await countAccounts()).toEqual(before);
  });
});

describe('lists', async () => {
  const trade = (account: Account, instrument: Instrument, side: OrderSide, quantity: number) => {
    time.advance(1_000);
    return database.worker.withViewer(systemViewer(), (tx) =>
      floor.booking.bookTrade(tx, {
        account,
        instrument,
        side,
        quantity: decimal(quantity),
        price: decimal(2),
        fee: decimal(0),
        source: 'PAPER',
        executedAt: time.clock.now(),
      }),
    );
  };
  const [first, second] = [await open({ name: 'One' }), await open({ name: 'Two' })];
  const foreign = await floor.openAccount(stranger, '1000');
  const bought = await trade(first, acme, 'BUY', 10);
  const other = await trade(first, bolt, 'BUY', 5);
  const sold = await trade(first, acme, 'SELL', 10);
  const elsewhere = await trade(second, acme, 'BUY', 1);
  const theirs = await trade(foreign, acme, 'BUY', 1);
  const ids = (rows: readonly { readonly id: string }[]) => rows.map(({ id }) => id);
  const [t1, t2, t3, t4] = [bought, other, sold, elsewhere].map((booked) => booked.trade.id);

  test('of trades are the latest first, filtered', async () => {
    const find = async (filter: Parameters<typeof portfolios.trades>[2]) =>
      ids(await portfolios.trades(owner, {}, filter));
    expect(await find({})).toEqual([t4, t3, t2, t1]);
    expect(await find({ accountId: first.id })).toEqual([t3, t2, t1]);
    expect(await find({ symbol: 'ACME.SIM', side: 'BUY' })).toEqual([t4, t1]);
    const { executedAt } = other.trade;
    expect(await find({ from: executedAt })).toEqual([t4, t3, t2]);
    expect(await find({ to: executedAt })).toEqual([t1]);
    expect(await portfolios.countTrades(owner, { accountId: first.id })).toBe(3);
  });

  test('of trades are paged by their key', async () => {
    const page = { take: 2, skip: 1, cursor: { id: t4 ?? '' } };
    expect(ids(await portfolios.trades(owner, page, {}))).toEqual([t3, t2]);
    const back = { take: -2, skip: 1, cursor: { id: t1 ?? '' } };
    expect(ids(await portfolios.trades(owner, back, {}))).toEqual([t3, t2]);
  });

  test('of positions know open from closed', async () => {
    const find = async (filter: Parameters<typeof portfolios.positions>[2]) =>
      ids(await portfolios.positions(owner, {}, { accountId: first.id, ...filter }));
    expect(await find({})).toEqual([other.position.id, sold.position.id]);
    expect(await find({ status: 'OPEN' })).toEqual([other.position.id]);
    expect(await find({ status: 'CLOSED' })).toEqual([sold.position.id]);
    expect(await find({ status: 'OPEN', symbol: 'ACME.SIM' })).toEqual([]);
    expect(await portfolios.countPositions(owner, { status: 'OPEN' })).toBe(2);
  });

  test('are never wider than one’s own, whatever is asked, by administrators neither', async () => {
    const everything = { where: { OR: [{ accountId: first.id }, { accountId: foreign.id }] } };
    for (const viewer of [stranger, admin]) {
      expect(ids(await portfolios.trades(viewer, everything, {}))).toEqual([theirs.trade.id]);
      expect(ids(await portfolios.positions(viewer, everything, {}))).toEqual([theirs.position.id]);
      expect(await portfolios.trades(viewer, {}, { accountId: first.id })).toEqual([]);
      expect(ids(await portfolios.list(viewer, {}))).toEqual([foreign.id]);
      expect(await portfolios.list(viewer, { where: { id: first.id } })).toEqual([]);
      expect(await portfolios.countTrades(viewer, { accountId: first.id })).toBe(0);
      expect(await portfolios.countPositions(viewer, { accountId: first.id })).toBe(0);
    }
    await expect(portfolios.trades(anonymousViewer(), {}, {})).rejects.toThrow(Unauthenticated);
  });

  test('of accounts are the newest first', async () => {
    const accounts = await portfolios.list(owner, {
      where: { name: { in: ['One', 'Two'] } },
    });
    expect(ids(accounts)).toEqual([second.id, first.id]);
  });
});

test('the books are clean after all of this', async () => {
  const { checks } = await auditLedger(database.worker);
  expect(checks.filter(({ brokenCount }) => brokenCount > 0)).toEqual([]);
});
