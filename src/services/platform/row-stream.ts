import type { Tx } from './database.ts';
import { Prisma } from './prisma/client.ts';

/** Rows that are in memory at a time. */
const BATCH_ROWS = 1_000;

/**
 * The rows of `query`, however many there are, a batch in memory at a time: a cursor of PostgreSQL's
 * in the caller's transaction, which is closed behind the last row. `name`, of small letters and `_`,
 * is of no cursor that is open in the transaction.
 */
export async function* streamRows<Row extends object>(
  tx: Tx,
  name: string,
  query: Prisma.Sql,
): AsyncGenerator<Row> {
  if (!/^[a-z_]+$/.test(name)) throw new Error(`"${name}" is no name of a cursor.`);
  const cursor = Prisma.raw(name);
  await tx.$executeRaw`DECLARE ${cursor} NO SCROLL CURSOR FOR ${query}`;
  for (;;) {
    const rows = await tx.$queryRaw<Row[]>`FETCH ${Prisma.raw(String(BATCH_ROWS))} FROM ${cursor}`;
    yield* rows;
    if (rows.length < BATCH_ROWS) break;
  }
  await tx.$executeRaw`CLOSE ${cursor}`;
}
