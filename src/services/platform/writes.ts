import { appendEvents, type NewEvent } from './outbox.ts';
import { runOf, type Query } from './query.ts';
import type { Tx } from './database.ts';

/**
 * What a decision comes to: what is stored and what is told, in one transaction with what the decision
 * was made on. Whoever decides need not know how it is sent.
 */
export interface Writes {
  /** Each an INSERT, UPDATE or DELETE, and no two of them change one row. */
  readonly queries: readonly Query[];
  /** What has to run after the others: calls of functions, `SELECT f(…)`, and what sees what these did. */
  readonly calls?: readonly Query[];
  readonly events: readonly NewEvent[];
}

/** Stores them in a transaction of Prisma's, a statement at a time. */
export async function applyWrites(tx: Tx, { queries, calls = [], events }: Writes): Promise<void> {
  for (const query of [...queries, ...calls]) await runOf(tx, query);
  await appendEvents(tx, events);
}
