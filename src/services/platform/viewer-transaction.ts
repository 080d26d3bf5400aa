import type { SqlQueryable, Transaction } from '@prisma/driver-adapter-utils';
import type { PoolClient } from 'pg';
import { beginStatements } from './viewer-settings.ts';
import type { Viewer } from './viewer.ts';

/**
 * A write on `client`, which it gives back to its pool in the end; `connection` is Prisma's way to
 * ask the same client, which has to be one that pipelines.
 *
 * Its beginning waits for its first statement and goes with it, as one message: BEGIN, the viewer, and
 * what is asked. One without a statement was never there.
 */
export function createViewerTransaction(
  client: PoolClient,
  connection: SqlQueryable,
  viewer: Viewer,
): Transaction {
  let begun: Promise<unknown> | undefined;
  let isOver = false;

  const ask = <T>(statement: () => Promise<T>): Promise<T> => {
    // Of a request that has given up: the connection may be somebody else's by now.
    if (isOver) return Promise.reject(new Error('The transaction is over.'));
    if (begun) return statement();
    return inOneMessage(client, () => {
      begun = client.query(beginStatements(viewer));
      return Promise.all([statement(), begun]).then(([answer]) => answer);
    });
  };

  const end = async (statement: 'COMMIT' | 'ROLLBACK'): Promise<void> => {
    isOver = true;
    if (!begun) {
      client.release();
      return;
    }
    const command = await finish(client, statement);
    // PostgreSQL says so of a transaction in which a statement has failed, whoever caught that.
    if (command !== statement) throw new Error(`The transaction ended with ${command}.`);
  };

  return {
    provider: connection.provider,
    adapterName: connection.adapterName,
    // Prisma sends no COMMIT or ROLLBACK of its own.
    options: { usePhantomQuery: true },
    queryRaw: (query) => ask(() => connection.queryRaw(query)),
    executeRaw: (query) => ask(() => connection.executeRaw(query)),
    commit: () => end('COMMIT'),
    rollback: () => end('ROLLBACK'),
  };
}

/** What `send` writes leaves together; each message of its own is a call of the system, and a packet. */
export function inOneMessage<T>({ connection: { stream } }: PoolClient, send: () => T): T {
  stream.cork();
  try {
    return send();
  } finally {
    stream.uncork();
  }
}

/** Gives the connection back once it is in no transaction, or closes it. Answers with what ended. */
export async function finish(client: PoolClient, statement: string): Promise<string> {
  let isClean = false;
  try {
    const { command } = await client.query(statement);
    isClean = client.getTransactionStatus() === 'I';
    return command;
  } finally {
    client.release(!isClean);
  }
}
