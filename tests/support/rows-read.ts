import type { Database } from '../../src/services/platform/database.ts';
import { Prisma } from '../../src/services/platform/prisma/client.ts';
import type { TestDatabase } from './database.ts';

/** What is read to know who asks, before anything that is asked for. */
const OF_AUTHENTICATION = ['event_head', 'sessions', 'users'];

/** What only the checks of foreign keys read, of writes of before, which other connections tell of late. */
const OF_WRITES = ['currencies'];
const LEFT_OUT = [...OF_AUTHENTICATION, ...OF_WRITES];

/**
 * How many rows and entries of indexes PostgreSQL reads in each table while `work` runs. The server
 * must have one connection: that one hands in its numbers when it is asked to.
 */
export async function rowsReadBy(
  { database, db }: { readonly database: TestDatabase; readonly db: Database },
  work: () => Promise<unknown>,
): Promise<Record<string, number>> {
  // Nobody waits for the end of a read; here its connection does, since there is one.
  const handIn = () => db.lookUp(Prisma.sql`SELECT pg_stat_force_next_flush()::text`);
  const read = async (): Promise<Map<string, number>> => {
    await handIn();
    // What a test wrote by itself went through this connection, which would tell of it late.
    await database.query('SELECT pg_stat_force_next_flush()');
    const rows = await database.query<{ name: string; read: number }>(
      `SELECT t.relname AS name, (t.seq_tup_read + coalesce(t.idx_tup_fetch, 0)
         + coalesce(sum(i.idx_tup_read), 0))::int AS read
       FROM pg_stat_user_tables t LEFT JOIN pg_stat_user_indexes i USING (relid)
       GROUP BY t.relid, t.relname, t.seq_tup_read, t.idx_tup_fetch`,
    );
    return new Map(rows.map(({ name, read }) => [name, read]));
  };
  const before = await read();
  await work();
  const after = await read();
  const changes = [...after].map(
    ([name, count]) => [name, count - (before.get(name) ?? 0)] as const,
  );
  return Object.fromEntries(
    changes.filter(([name, count]) => count !== 0 && !LEFT_OUT.includes(name)),
  );
}
