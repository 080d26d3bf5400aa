import type { TestDatabase } from './database.ts';
import { until } from './until.ts';

/** Resolves when so many transactions of the database wait for a lock. */
type Waiting = (count: number) => Promise<void>;

/**
 * Lets nobody write to a table while `begin` starts what meets there: whoever gets as far has read what
 * it goes by, and has changed nothing yet. Then lets all of them go on, and answers with what became of
 * what was started. What `begin` waits for must not need the table.
 */
export async function whileHeld<T>(
  { database, table }: { readonly database: Pick<TestDatabase, 'query'>; readonly table: string },
  begin: (waiting: Waiting) => Promise<readonly Promise<T>[]>,
): Promise<{ results: T[]; refusals: unknown[] }> {
  const waiting: Waiting = (count) =>
    until(`${String(count)} wait for a lock`, async () => {
      const rows = await database.query(
        `SELECT 1 FROM pg_locks JOIN pg_database ON pg_database.oid = database
         WHERE datname = current_database() AND NOT granted`,
      );
      return rows.length >= count;
    });
  await database.query('BEGIN');
  try {
    // Stops writers, and no reader.
    await database.query(`LOCK TABLE ${table} IN SHARE MODE`);
    const started = await begin(waiting);
    const settled = Promise.allSettled(started);
    await database.query('COMMIT');
    const all = await settled;
    return {
      results: all.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : [])),
      refusals: all.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : [])),
    };
  } finally {
    // Of nothing, unless something failed: then the table is let go.
    await database.query('ROLLBACK');
  }
}
