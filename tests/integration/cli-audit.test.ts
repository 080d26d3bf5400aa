import { expect, test } from 'vitest';
import { leaveBroken } from '../support/books-left.ts';
import { createTestDatabase } from '../support/database.ts';
import { runProgram } from '../support/run-program.ts';
import { createTradingFloor } from '../support/trading-floor.ts';

const database = await createTestDatabase();
const floor = createTradingFloor(database);
const account = await floor.openAccount(await floor.addPerson(), '1000');
const auditLedger = () =>
  runProgram('src/cli.ts', ['audit', 'ledger'], { DATABASE_URL: database.ownerUrl });

test('the command says what it checked, and ends with 0 when the books are clean', async () => {
  const { code, stdout } = await auditLedger();
  expect(stdout).toMatch(/The cash of each account is the sum of its ledger entries\.\s*│ 1\s*│ 0/);
  expect([code, stdout.trim().endsWith('The books are clean.')]).toEqual([0, true]);
});

test('it names what is broken, with its numbers, and ends with 1', async () => {
  await database.query(`UPDATE accounts SET cash = cash + 0.01`);
  leaveBroken(database, 'cash-is-the-sum-of-its-entries', 'cash-adds-up');
  const { code, stdout } = await auditLedger();
  expect(stdout).toContain(`account ${account.id}: expected 1000, found 1000.01`);
  expect([code, stdout.trim().endsWith('The books are broken.')]).toEqual([1, true]);
});
