import { types, type Pool, type PoolClient } from 'pg';
import { Decimal } from './money.ts';
import { eventsInsert } from './outbox.ts';
import { together, type Query } from './query.ts';
import { finish, inOneMessage } from './viewer-transaction.ts';
import { beginStatements, type Beginning } from './viewer-settings.ts';
import type { Writes } from './writes.ts';

type RowsOf<Queries extends readonly Query[]> = {
  [Index in keyof Queries]: Queries[Index] extends Query<infer Row> ? readonly Row[] : never;
};

/**
 * A write transaction of two messages: what is asked, and what is stored. For the few paths where the
 * way to the database and back is most of the time; Prisma has no part in it.
 */
export interface Pipeline {
  /**
   * Sends all of them at once and answers with the rows of each. They run one after the other, and each
   * sees what was committed when it began: what follows a lock sees the newest rows.
   */
  ask<Queries extends readonly Query[]>(...queries: Queries): Promise<RowsOf<Queries>>;
  /** Stores and tells this with the commit, in one statement and the calls after it. */
  store(...writes: readonly Writes[]): void;
}

export interface Piped<T> {
  readonly result: T;
  /** Whether it told anything, so that the relay has work. */
  readonly isNews: boolean;
}

type StatementNames = (query: { readonly sql: string }) => string;

/** Runs `work` in a transaction on a connection of `pool`: committed when it resolves, and else rolled back. */
export async function runPipeline<T>(
  { pool, nameOf }: { readonly pool: Pool; readonly nameOf: StatementNames },
  beginning: Beginning,
  work: (pipeline: Pipeline) => Promise<T>,
): Promise<Piped<T>> {
  const client = await pool.connect();
  const kept: Writes[] = [];
  const state = { isBegun: false };

  /** Answers with the rows of each, or with the first error: the later ones only follow from it. */
  const send = async (queries: readonly Query[]): Promise<(readonly object[])[]> => {
    const begun = state.isBegun ? undefined : client.query(beginStatements(beginning));
    state.isBegun = true;
    const answers = queries.map(({ text, values }) =>
      client.query<object>({
        name: nameOf({ sql: text }),
        text,
        values: [...values],
        types: TYPES,
      }),
    );
    const settled = await Promise.allSettled([begun, ...answers]);
    const failed = settled.find(({ status }) => status === 'rejected');
    if (failed) throw (failed as PromiseRejectedResult).reason;
    return (await Promise.all(answers)).map(({ rows }) => rows);
  };

  const pipeline: Pipeline = {
    ask: async <Queries extends readonly Query[]>(...queries: Queries) =>
      (await inOneMessage(client, () => send(queries))) as RowsOf<Queries>,
    store: (...writes) => void kept.push(...writes),
  };

  let result: T;
  try {
    result = await work(pipeline);
  } catch (error) {
    // What failed is what is told; a connection that cannot even roll back is closed.
    if (state.isBegun) await finish(client, 'ROLLBACK').catch(() => undefined);
    else client.release();
    throw error;
  }
  const statements = statementsOf(kept);
  if (state.isBegun || statements.length > 0) await commit(client, () => send(statements));
  else client.release();
  return { result, isNews: kept.some(({ events }) => events.length > 0) };
}

/** Sends the last statements and the COMMIT as one message. */
async function commit(client: PoolClient, send: () => Promise<unknown>): Promise<void> {
  const [sent, committed] = await inOneMessage(client, () =>
    Promise.allSettled([send(), finish(client, 'COMMIT')]),
  );
  if (sent.status === 'rejected') throw sent.reason;
  if (committed.status === 'rejected') throw committed.reason;
  // PostgreSQL says ROLLBACK of a transaction in which a statement has failed, whoever caught that.
  if (committed.value !== 'COMMIT') {
    throw new Error(`The transaction ended with ${committed.value}.`);
  }
}

/** Of all that was stored: one statement, and the calls. */
function statementsOf(kept: readonly Writes[]): readonly Query[] {
  const queries = kept.flatMap((writes) => writes.queries);
  const events = kept.flatMap((writes) => writes.events);
  const all = events.length > 0 ? [...queries, eventsInsert(events)] : queries;
  const calls = kept.flatMap((writes) => writes.calls ?? []);
  return all.length > 0 ? [together(all), ...calls] : calls;
}

/** The driver knows more types than its list of names has. */
const parserOf = types.getTypeParser as (
  oid: number,
  format?: 'text' | 'binary',
) => (text: string) => unknown;

const NUMERIC: number = types.builtins.NUMERIC;
const INT8: number = types.builtins.INT8;

/** Numbers of money keep their digits, and numbers of events theirs. */
const TYPES = {
  getTypeParser(oid: number, format?: 'text' | 'binary'): (text: string) => unknown {
    if (oid === NUMERIC) return (text) => new Decimal(text);
    if (oid === INT8) return BigInt;
    return parserOf(oid, format);
  },
};
