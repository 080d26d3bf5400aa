import type { Pool, PoolClient } from 'pg';
import { eventsInsert } from './outbox.ts';
import { callsTogether, together, type Query } from './query.ts';
import {
  BatchFailure,
  sendBatch,
  type BatchStatement,
  type KnownColumns,
} from './statement-batch.ts';
import { finish } from './viewer-transaction.ts';
import { beginAsServer, beginQueries, continueAsWorker } from './viewer-settings.ts';
import type { Viewer } from './viewer.ts';
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
  /** Stores and tells all of this with the commit, in one statement and the calls after it. */
  store(...writes: readonly Writes[]): void;
}

/** A pipeline of the worker's that begins as its viewer, with the rights of the server. */
export interface HandedPipeline extends Pipeline {
  /** Stores as the worker, after all that is stored as the viewer: by itself, and in the same commit. */
  storeAsWorker(...writes: readonly Writes[]): void;
}

export interface Piped<T> {
  readonly result: T;
  /** Whether it told anything, so that the relay has work. */
  readonly isNews: boolean;
}

type StatementNames = (query: { readonly sql: string }) => string;

export interface Pipelines {
  run<T>(viewer: Viewer, work: (pipeline: Pipeline) => Promise<T>): Promise<Piped<T>>;
  /** The same where the worker's connection begins with the rights of the server. */
  runHanded<T>(viewer: Viewer, work: (pipeline: HandedPipeline) => Promise<T>): Promise<Piped<T>>;
}

/** How a transaction begins. */
interface Opening {
  readonly begin: readonly Query[];
  /** PostgreSQL plans a prepared statement anew whenever the role has changed: each has its own. */
  readonly prefix: string;
}

/** Runs work in transactions on connections of `pool`: committed when it resolves, and else rolled back. */
export function createPipelines(pool: Pool, nameOf: StatementNames): Pipelines {
  const known: KnownColumns = new Map();

  const runFrom = async <T>(
    { begin, prefix }: Opening,
    work: (pipeline: HandedPipeline) => Promise<T>,
  ): Promise<Piped<T>> => {
    const client = await pool.connect();
    const kept: (readonly Writes[])[] = [];
    const keptByWorker: (readonly Writes[])[] = [];
    const state = { isBegun: false };
    const statementOf = (query: Query, isAsked: boolean): BatchStatement => {
      const name = nameOf({ sql: query.text });
      const { text, values } = query;
      return { name: name === '' ? name : `${prefix}${name}`, isAsked, text, values };
    };

    const send = (queries: readonly Query[], isAsked: boolean) => {
      const first = state.isBegun ? [] : begin;
      state.isBegun = true;
      const statements = [
        ...first.map((query) => statementOf(query, false)),
        ...queries.map((query) => statementOf(query, isAsked)),
      ];
      return sendBatch(client, statements, known).then((answers) => answers.slice(first.length));
    };
    const pipeline: HandedPipeline = {
      async ask<Queries extends readonly Query[]>(...queries: Queries) {
        const answers = await send(queries, true);
        return answers.map(({ rows }) => rows) as RowsOf<Queries>;
      },
      store: (...writes) => void kept.push(writes),
      storeAsWorker: (...writes) => void keptByWorker.push(writes),
    };

    try {
      const result = await work(pipeline);
      const statements = [
        ...kept.flatMap(statementsOf),
        ...(keptByWorker.length > 0 ? [continueAsWorker()] : []),
        ...keptByWorker.flatMap(statementsOf),
      ];
      if (state.isBegun || statements.length > 0) {
        const answers = await send([...statements, COMMIT], false);
        // PostgreSQL says ROLLBACK of a transaction in which a statement has failed, whoever caught that.
        const ended = answers.at(-1)?.command;
        if (ended !== 'COMMIT') throw new Error(`The transaction ended with ${String(ended)}.`);
      }
      client.release();
      const stored = [...kept, ...keptByWorker].flat();
      return { result, isNews: stored.some(({ events }) => events.length > 0) };
    } catch (error) {
      await undo(client, { isBegun: state.isBegun, error });
      throw error instanceof BatchFailure ? error.cause : error;
    }
  };

  return {
    run: (viewer, work) => runFrom({ begin: beginQueries(viewer), prefix: '' }, work),
    runHanded: (viewer, work) =>
      runFrom({ begin: beginAsServer(viewer), prefix: 'as_server_' }, work),
  };
}

const COMMIT: Query = { text: 'COMMIT', values: [] };

/** Gives the connection back clean, or closes it. */
async function undo(
  client: PoolClient,
  { isBegun, error }: { readonly isBegun: boolean; readonly error: unknown },
): Promise<void> {
  if (!isBegun) {
    client.release();
  } else if (error instanceof BatchFailure && error.isUnclear) {
    client.release(true);
  } else {
    // What failed is what is told; a connection that cannot even roll back is closed.
    await finish(client, 'ROLLBACK').catch(() => undefined);
  }
}

/** Of what was stored at once: one statement, and one for the calls. */
function statementsOf(stored: readonly Writes[]): readonly Query[] {
  const queries = stored.flatMap((writes) => writes.queries);
  const events = stored.flatMap((writes) => writes.events);
  const all = events.length > 0 ? [...queries, eventsInsert(events)] : queries;
  const calls = stored.flatMap((writes) => writes.calls ?? []);
  return [...(all.length > 0 ? [together(all)] : []), ...callsTogether(calls)];
}
