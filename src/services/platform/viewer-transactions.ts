import { AsyncLocalStorage } from 'node:async_hooks';
import { PrismaPg } from '@prisma/adapter-pg';
import type {
  SqlDriverAdapter,
  SqlDriverAdapterFactory,
  Transaction,
} from '@prisma/driver-adapter-utils';
import { Pool, type PoolClient, type QueryConfig } from 'pg';
import type { ReadTransaction } from './read-transaction.ts';
import { createViewerTransaction } from './viewer-transaction.ts';
import type { Viewer } from './viewer.ts';

type StatementNames = (query: { readonly sql: string }) => string;

export interface ViewerTransactions {
  /** What Prisma is made of: it runs transactions that {@link begin} began, and nothing else. */
  readonly adapter: SqlDriverAdapterFactory;
  /** The transaction that `start` asks Prisma for is a write as `viewer`. One, and it asks at once. */
  begin<T>(viewer: Viewer, start: () => Promise<T>): Promise<T>;
  /** The same for one that joins a read that is under way, and ends with it. */
  join<T>(read: ReadTransaction, start: () => Promise<T>): Promise<T>;
}

/** A transaction until it is taken. */
interface Offer {
  open: (() => Promise<Transaction>) | undefined;
}

/**
 * Transactions of Prisma over `pool` that begin with their viewer.
 *
 * Prisma asks its adapter for a transaction without a word of what for. That is handed past it in the
 * asynchronous context of this one call; without it, no transaction begins.
 */
export function createViewerTransactions(
  pool: Pool,
  statementNames: StatementNames,
): ViewerTransactions {
  const offers = new AsyncLocalStorage<Offer>();
  const connections = new WeakMap<PoolClient, SqlDriverAdapter>();

  const connectionOf = async (client: PoolClient): Promise<SqlDriverAdapter> => {
    const known = connections.get(client);
    if (known) return known;
    const connection = await createConnection(client, statementNames);
    connections.set(client, connection);
    return connection;
  };

  const startTransaction = (): Promise<Transaction> => {
    const offer = offers.getStore();
    const open = offer?.open;
    if (!open) return Promise.reject(new Error('A transaction begins with its viewer, and once.'));
    offer.open = undefined;
    return open();
  };

  const open = async (viewer: Viewer): Promise<Transaction> => {
    const client = await pool.connect();
    return createViewerTransaction(client, await connectionOf(client), viewer);
  };

  const openWithin = async (read: ReadTransaction): Promise<Transaction> => {
    const client = await read.client();
    const connection = await connectionOf(client);
    return {
      provider: connection.provider,
      adapterName: connection.adapterName,
      options: { usePhantomQuery: true },
      queryRaw: (query) => read.within(client, () => connection.queryRaw(query)),
      executeRaw: (query) => read.within(client, () => connection.executeRaw(query)),
      // It ends with the read, and not before.
      commit: () => Promise.resolve(),
      rollback: () => {
        read.end();
        return Promise.resolve();
      },
    };
  };

  return {
    adapter: {
      provider: 'postgres',
      adapterName: NAME,
      connect: () => Promise.resolve(createAdapter(startTransaction)),
    },
    begin: (viewer, start) => offers.run({ open: () => open(viewer) }, start),
    join: (read, start) => offers.run({ open: () => openWithin(read) }, start),
  };
}

const NAME = 'tradegraph';

/** Prisma's own adapter, on one connection: it asks a pool, which here is that connection alone. */
async function createConnection(
  client: PoolClient,
  statementNameGenerator: StatementNames,
): Promise<SqlDriverAdapter> {
  const only = Object.assign(new Pool(), {
    query: (statement: QueryConfig) => client.query(statement),
  });
  return new PrismaPg(only, { statementNameGenerator }).connect();
}

/** Refuses whatever is in no transaction: nobody said for whom it would run. */
function createAdapter(startTransaction: () => Promise<Transaction>): SqlDriverAdapter {
  const refuse = (): Promise<never> =>
    Promise.reject(new Error('A statement belongs to a transaction, which has a viewer.'));
  return {
    provider: 'postgres',
    adapterName: NAME,
    queryRaw: refuse,
    executeRaw: refuse,
    executeScript: refuse,
    startTransaction,
    getConnectionInfo: () => ({ supportsRelationJoins: true }),
    dispose: () => Promise.resolve(),
  };
}
