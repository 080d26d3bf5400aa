import { randomUUID } from 'node:crypto';
import { Client, Pool } from 'pg';
import { afterAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { createStatementNames } from '../../../src/services/platform/statement-names.ts';
import { createViewerTransactions } from '../../../src/services/platform/viewer-transactions.ts';
import { userViewer } from '../../../src/services/platform/viewer.ts';
import { createTestDatabase } from '../../support/database.ts';
import { statementsOf } from '../../support/statement-watch.ts';

const database = await createTestDatabase();
const pool = new Pool({ connectionString: database.serverUrl, max: 1, pipeline: true });
afterAll(() => pool.end());
const transactions = createViewerTransactions(pool, createStatementNames());
const adapter = await transactions.adapter.connect();
const userId = randomUUID();
const viewer = userViewer({ userId, role: 'USER' });
const begin = () => transactions.begin(viewer, () => adapter.startTransaction());
const statement = (sql: string) => ({ sql, args: [], argTypes: [] });
const WHO = statement(`SELECT current_setting('app.user_id') AS who`);

describe('a transaction', () => {
  test('sets its viewer in the message that begins it, before its first statement', async () => {
    const transaction = await begin();
    expect((await transaction.queryRaw(WHO)).rows).toEqual([[userId]]);
    await transaction.commit();
  });

  test('is BEGIN, what is asked and COMMIT, and nothing at all when nothing is asked', async () => {
    const sent = await statementsOf(async () => {
      const asked = await begin();
      await asked.queryRaw(WHO);
      await asked.commit();
      const unasked = await begin();
      await unasked.commit();
    });
    expect(sent.map((text) => text.split(' ', 1)[0])).toEqual(['BEGIN', 'SELECT', 'COMMIT']);
  });

  test.each(['commit', 'rollback'] as const)('asks nothing after its %s', async (end) => {
    const transaction = await begin();
    await transaction.queryRaw(WHO);
    await transaction[end]();
    await expect(transaction.queryRaw(WHO)).rejects.toThrow('The transaction is over.');
    // Its connection serves the next one.
    const next = await begin();
    await next.queryRaw(WHO);
    await next.commit();
  });

  test('takes a name as text, whatever is in it', async () => {
    const strange = { ...viewer, userId: `'; SET app.role = 'ADMIN'; --\\` };
    const transaction = await transactions.begin(strange, () => adapter.startTransaction());
    const ask = statement(`SELECT current_setting('app.user_id'), current_setting('app.role')`);
    expect((await transaction.queryRaw(ask)).rows).toEqual([[strange.userId, 'USER']]);
    await transaction.commit();
  });

  test('hands back a connection in no transaction, for nobody', async () => {
    const transaction = await begin();
    await transaction.queryRaw(WHO);
    await expect(transaction.queryRaw(statement('SELECT 1 / 0'))).rejects.toThrow();
    await transaction.rollback();
    const { rows } = await pool.query<{ who: string }>(WHO.sql);
    expect(rows).toEqual([{ who: '' }]);
  });

  test.each([
    ['commit', 'SELECT 1'],
    ['rollback', 'SELECT 1'],
    ['commit', 'SELECT 1 / 0'],
    ['rollback', 'SELECT 1 / 0'],
  ] as const)('hands back no connection that its %s leaves in it: %s', async (end, instead) => {
    const whose = `SELECT pg_backend_pid() AS pid, current_setting('app.user_id', true) AS who`;
    const transaction = await begin();
    const [[pid] = []] = (await transaction.queryRaw(statement(whose))).rows;
    replaceStatement(end.toUpperCase(), instead);
    await expect(transaction[end]()).rejects.toThrow();
    const next = await pool.query<{ pid: number; who: string | null }>(whose);
    expect(next.rows[0]?.pid).not.toBe(pid);
    expect(next.rows[0]?.who ?? '').toBe('');
  });
});

/** Whatever asks for `statement` in this test gets `instead`. */
function replaceStatement(statement: string, instead: string): void {
  const query = Client.prototype.query as (this: Client, ...given: unknown[]) => unknown;
  const spy = vi.spyOn(Client.prototype, 'query').mockImplementation(function (
    this: Client,
    ...[first, ...rest]: unknown[]
  ) {
    return query.call(this, first === statement ? instead : first, ...rest) as undefined;
  });
  onTestFinished(() => {
    spy.mockRestore();
  });
}

describe('without a beginning', () => {
  test('no transaction starts', async () => {
    await expect(adapter.startTransaction()).rejects.toThrow(/begins with its viewer/);
  });

  test('a second one does not take the first one’s', async () => {
    const both = transactions.begin(viewer, async () => {
      const first = await adapter.startTransaction();
      try {
        return await adapter.startTransaction();
      } finally {
        await first.rollback();
      }
    });
    await expect(both).rejects.toThrow(/and once/);
  });

  test('no statement is asked', async () => {
    await expect(adapter.queryRaw(WHO)).rejects.toThrow(/belongs to a transaction/);
    await expect(adapter.executeRaw(WHO)).rejects.toThrow(/belongs to a transaction/);
  });
});
