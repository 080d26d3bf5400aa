import type { Pool, PoolClient } from 'pg';
import type { Query } from './query.ts';
import {
  BatchFailure,
  sendBatch,
  type BatchAnswer,
  type BatchStatement,
  type KnownRows,
} from './statement-batch.ts';
import { finish } from './viewer-transaction.ts';
import { readerOf } from './wire-values.ts';

/** A statement, and whether its rows are of interest. */
export interface Said {
  readonly query: Query;
  readonly isAsked: boolean;
}

/** How a transaction begins. */
export interface Opening {
  readonly begin: readonly Query[];
  /** PostgreSQL plans a prepared statement anew whenever the role has changed: each has its own. */
  readonly prefix: string;
}

/** One transaction on a connection of its own, a message at a time. */
export interface Conversation {
  /** Sends all of them as one message; the first message begins the transaction. */
  send(said: readonly Said[]): Promise<readonly BatchAnswer[]>;
  /** Sends what is left with the commit, if anything was begun or is left, and gives the connection back. */
  commit(queries: readonly Query[]): Promise<void>;
}

export type Conversations = <T>(
  opening: Opening,
  work: (conversation: Conversation) => Promise<T>,
) => Promise<T>;

/** Holds conversations on connections of `pool`: what `work` did not commit is rolled back. */
export function createConversations(
  pool: Pool,
  nameOf: (query: { readonly sql: string }) => string,
): Conversations {
  const known: KnownRows = { makers: new Map(), readerOf };

  return async ({ begin, prefix }, work) => {
    const client = await pool.connect();
    const state = { isBegun: false, isOver: false };
    const statementOf = ({ query: { text, values }, isAsked }: Said): BatchStatement => {
      const name = nameOf({ sql: text });
      return { name: name === '' ? name : `${prefix}${name}`, isAsked, text, values };
    };
    const send: Conversation['send'] = async (said) => {
      const first = state.isBegun ? [] : silent(begin);
      state.isBegun = true;
      const answers = await sendBatch(client, [...first, ...said].map(statementOf), known);
      return answers.slice(first.length);
    };
    const commit: Conversation['commit'] = async (queries) => {
      if (state.isBegun || queries.length > 0) {
        const answers = await send(silent([...queries, COMMIT]));
        // PostgreSQL says ROLLBACK of a transaction in which a statement has failed, whoever caught that.
        const ended = answers.at(-1)?.command;
        if (ended !== 'COMMIT') throw new Error(`The transaction ended with ${String(ended)}.`);
      }
      state.isOver = true;
      client.release();
    };
    try {
      const result = await work({ send, commit });
      if (!state.isOver) await undo(client, { isBegun: state.isBegun, error: undefined });
      return result;
    } catch (error) {
      if (!state.isOver) await undo(client, { isBegun: state.isBegun, error });
      throw error instanceof BatchFailure ? error.cause : error;
    }
  };
}

const COMMIT: Query = { text: 'COMMIT', values: [] };

const silent = (queries: readonly Query[]): readonly Said[] =>
  queries.map((query) => ({ query, isAsked: false }));

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
