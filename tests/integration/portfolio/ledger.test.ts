import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { createLedger, type LedgerLine } from '../../../src/services/portfolio/ledger.ts';
import { systemClock } from '../../../src/services/platform/clock.ts';
import { createIds } from '../../../src/services/platform/ids.ts';
import { Decimal } from '../../../src/services/platform/money.ts';
import { randomBytes } from '../../../src/services/platform/random.ts';
import { systemViewer, userViewer } from '../../../src/services/platform/viewer.ts';
import { leaveBroken } from '../../support/books-left.ts';
import { createTestDatabase } from '../../support/database.ts';

const database = await createTestDatabase();
// One account says that it began with cash that nobody deposited.
leaveBroken(database, 'starting-cash-was-deposited');
const ids = createIds(systemClock, randomBytes);
const ledger = createLedger({ clock: systemClock, ids });
const [owner, stranger, account] = [randomUUID(), randomUUID(), randomUUID()];
await database.query(
  `INSERT INTO users (id, username, username_key, email, email_key, password_hash, role, status,
     token_version, created_at, updated_at)
   SELECT id, id, id, id, id, 'secret', 'USER', 'ACTIVE', 0, now(), now()
   FROM (VALUES ($1::uuid), ($2::uuid)) AS people (id)`,
  [owner, stranger],
);
await database.query(
  `INSERT INTO accounts (id, owner_id, name, kind, status, currency, zone, starting_cash, created_at)
   VALUES ($1, $2, 'Paper', 'PAPER', 'ACTIVE', 'USD', 'America/Chicago', 100, now())`,
  [account, owner],
);

const cash = (amount: string): LedgerLine => ({
  ledgerAccount: 'CASH',
  accountId: account,
  amount: new Decimal(amount),
});
const outside = (amount: string): LedgerLine => ({
  ledgerAccount: 'EXTERNAL',
  amount: new Decimal(amount),
});
const transfer = (...lines: LedgerLine[]) => ({
  ownerId: owner,
  cause: 'DEPOSIT' as const,
  causeId: randomUUID(),
  currency: 'USD',
  occurredAt: new Date('2026-01-01T00:00:00Z'),
  lines,
});
const postAs = (userId: string, posted: ReturnType<typeof transfer>) =>
  database.server.withViewer(userViewer({ userId, role: 'USER' }), (tx) => ledger.post(tx, posted));
const stateOfBooks = async () =>
  database.query(`SELECT (SELECT cash::text FROM accounts) AS cash,
    (SELECT count(*)::int FROM ledger_transfers) AS transfers,
    (SELECT count(*)::int FROM ledger_entries) AS entries`);

let before: unknown;
beforeEach(async () => {
  before = await stateOfBooks();
});

describe('the posting function', () => {
  test('books a balanced transfer and changes the cash with it', async () => {
    await postAs(owner, transfer(cash('100.25'), outside('-100.25')));
    const [books] = await stateOfBooks();
    expect(books).toEqual({ cash: '100.250000000000000000', transfers: 1, entries: 2 });
  });

  test.each([
    ['one entry', transfer(cash('5')), /two entries/],
    ['a sum that is not zero', transfer(cash('5'), outside('-4.99')), /sum to 0\.01/],
    ['more decimals than the currency has', transfer(cash('0.001'), outside('-0.001')), /decimals/],
    ['NaN', transfer(cash('NaN'), outside('NaN')), /finite/],
    ['another currency', { ...transfer(cash('5'), outside('-5')), currency: 'EUR' }, /not one of/],
    ['no currency of ours', { ...transfer(cash('5'), outside('-5')), currency: 'XXX' }, /unknown/],
    [
      'a fill, by the server',
      { ...transfer(cash('5'), outside('-5')), cause: 'FILL' as never },
      /may not/,
    ],
  ])('refuses %s and books nothing', async (_what, posted, reason) => {
    await expect(postAs(owner, posted)).rejects.toThrow(reason);
    expect(await stateOfBooks()).toEqual(before);
  });

  test("refuses a stranger, in the owner's name and in their own", async () => {
    const posted = transfer(cash('5'), outside('-5'));
    await expect(postAs(stranger, posted)).rejects.toThrow(/may not post/);
    await expect(postAs(stranger, { ...posted, ownerId: stranger })).rejects.toThrow(/not one of/);
    expect(await stateOfBooks()).toEqual(before);
  });

  test('books a cause once', async () => {
    const posted = transfer(cash('1'), outside('-1'));
    await postAs(owner, posted);
    const once = await stateOfBooks();
    await expect(postAs(owner, posted)).rejects.toThrow(/unique/i);
    expect(await stateOfBooks()).toEqual(once);
  });
});

describe('the books', () => {
  const attempt = (sql: string) =>
    database.worker.withViewer(systemViewer(), (tx) => tx.$executeRawUnsafe(sql));

  test.each([
    'UPDATE accounts SET cash = 1000000',
    `INSERT INTO ledger_entries SELECT transfer_id, 9, owner_id, ledger_account, account_id, 1, occurred_at
     FROM ledger_entries LIMIT 1`,
    'UPDATE ledger_entries SET amount = amount * 2',
    'DELETE FROM ledger_entries',
    'TRUNCATE ledger_entries',
  ])('cannot be changed past it: %s', async (sql) => {
    await expect(attempt(sql)).rejects.toThrow(/permission denied/);
    expect(await stateOfBooks()).toEqual(before);
  });

  test("refuse a change by the tables' owner as well", async () => {
    await expect(database.query('UPDATE ledger_entries SET amount = 1')).rejects.toThrow(
      /append-only/,
    );
    await expect(database.query('TRUNCATE ledger_entries')).rejects.toThrow(/append-only/);
  });
});
