import type { Account } from '../../src/services/platform/prisma/client.ts';
import type { TestDatabase } from './database.ts';

/** What is stored of an account, read past every wall: to compare before and after. */
export function createBooks({ query }: Pick<TestDatabase, 'query'>) {
  return {
    /** Cash and everything that moves it or follows it, orders left out. */
    of: ({ id }: Account) =>
      query(
        `SELECT cash::text, reserved::text,
           (SELECT count(*)::int FROM trades WHERE account_id = $1) AS trades,
           (SELECT count(*)::int FROM positions WHERE account_id = $1) AS positions,
           (SELECT count(*)::int FROM ledger_entries WHERE account_id = $1) AS entries
         FROM accounts WHERE id = $1::uuid`,
        [id],
      ),

    orders: ({ id }: Account) =>
      query<{ id: string; status: string; reason_code: string | null; reason: string | null }>(
        `SELECT id, status, reason_code, reason FROM orders WHERE account_id = $1 ORDER BY id`,
        [id],
      ),

    events: ({ id }: Account) =>
      query<{ type: string; version: number; owner_id: string; payload: object }>(
        `SELECT type, version, owner_id, payload FROM outbox
         WHERE topic = 'account:' || $1 ORDER BY id`,
        [id],
      ),

    /** The steps of an order: `2 PENDING SUBMITTED`. */
    async history(orderId: string): Promise<string[]> {
      const rows = await query<{ step: string }>(
        `SELECT sequence || ' ' || coalesce(from_status::text, '-') || ' ' || to_status AS step
         FROM order_events WHERE order_id = $1 ORDER BY sequence`,
        [orderId],
      );
      return rows.map(({ step }) => step);
    },
  };
}

/** What `work` was refused with; fails when it was not. */
export async function refusalOf(work: Promise<unknown>): Promise<unknown> {
  try {
    await work;
  } catch (error) {
    return error;
  }
  throw new Error('It was not refused.');
}
