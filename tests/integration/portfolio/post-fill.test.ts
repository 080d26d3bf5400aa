import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { systemViewer, type Viewer } from '../../../src/services/platform/viewer.ts';
import { leaveBroken } from '../../support/books-left.ts';
import { createTestDatabase } from '../../support/database.ts';
import { dumpTables } from '../../support/table-dump.ts';
import { createTradingFloor } from '../../support/trading-floor.ts';
import type { Database } from '../../../src/services/platform/database.ts';

const database = await createTestDatabase();
// Transfers alone, without the trades that they are of.
leaveBroken(database, 'transfers-have-their-trade', 'cash-adds-up');
const floor = createTradingFloor(database);
const [owner, stranger] = [await floor.addPerson(), await floor.addPerson()];
const account = await floor.openAccount(owner, '1000');

const SQL = `SELECT post_fill($1::uuid, $2::uuid, $3, $4::uuid, $5::uuid, $6::numeric, $7::uuid,
  $8::numeric, now(), now())::text`;
interface Call {
  readonly ownerId?: string;
  readonly accountId?: string;
  readonly currency?: string;
  readonly cash?: string | null;
  readonly fee?: string | null;
}
const post = (
  { ownerId = owner.userId, accountId = account.id, currency = 'USD', ...amounts }: Call,
  { as: db, viewer }: { readonly as: Database; readonly viewer: Viewer } = {
    as: database.worker,
    viewer: systemViewer(),
  },
) => {
  const { cash = '-100', fee = '0.1' } = amounts;
  const ids = [randomUUID(), randomUUID(), randomUUID()];
  const values = [ownerId, accountId, currency, ids[0], ids[1], cash, ids[2], fee];
  return db.withViewer(viewer, (tx) => tx.$queryRawUnsafe(SQL, ...values));
};
const entries = () =>
  database.query(
    `SELECT t.cause::text, e.line, e.ledger_account::text AS kind, e.amount::float
     FROM ledger_entries e JOIN ledger_transfers t ON t.id = e.transfer_id
     WHERE t.cause IN ('FILL', 'FEE') ORDER BY t.cause, e.line`,
  );

let before: unknown;
beforeEach(async () => {
  before = await dumpTables(database);
});

describe('the transfers of a trade', () => {
  test('move its cash and its fee, each against where it goes', async () => {
    await post({ cash: '-100.25', fee: '0.1' });
    expect(await entries()).toEqual([
      { cause: 'FILL', line: 0, kind: 'CASH', amount: -100.25 },
      { cause: 'FILL', line: 1, kind: 'CLEARING', amount: 100.25 },
      { cause: 'FEE', line: 0, kind: 'CASH', amount: -0.1 },
      { cause: 'FEE', line: 1, kind: 'FEES', amount: 0.1 },
    ]);
    const [row] = await database.query('SELECT cash::float FROM accounts WHERE id = $1', [
      account.id,
    ]);
    // 1000 − 100.25 − 0.10
    expect(row).toEqual({ cash: 899.65 });
  });

  test('leave out what is zero', async () => {
    const lines = (await entries()).length;
    await post({ cash: '50', fee: '0' });
    await post({ cash: '0', fee: '1' });
    await post({ cash: '0', fee: '0' });
    expect((await entries()).length - lines).toBe(4);
  });

  test.each<[string, Call, string]>([
    ['more decimals than the currency has', { cash: '-1.001' }, '23514'],
    ['a fee of more decimals than the currency has', { fee: '0.001' }, '23514'],
    ['a fee that is paid out', { fee: '-0.01' }, '23514'],
    ['cash that is no number', { cash: 'NaN' }, '23514'],
    ['cash without end', { cash: '-Infinity' }, '23514'],
    ['a fee without end', { fee: 'Infinity' }, '23514'],
    ['no cash', { cash: null }, '23514'],
    ['no fee', { fee: null }, '23514'],
    ['a currency that is not there', { currency: 'XXX' }, '23514'],
    ['another currency than the account has', { currency: 'EUR' }, '42501'],
    ['the account of somebody else', { ownerId: stranger.userId }, '42501'],
    ['an account that is not there', { accountId: randomUUID() }, '42501'],
  ])('are refused for %s, and nothing changes', async (_what, call, code) => {
    await expect(post(call)).rejects.toThrow(code);
    expect(await dumpTables(database)).toEqual(before);
  });

  test('are not for the server to book', async () => {
    await expect(post({}, { as: database.server, viewer: owner })).rejects.toThrow('42501');
    expect(await dumpTables(database)).toEqual(before);
  });
});
