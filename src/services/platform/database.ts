import { Pool } from 'pg';
import { Decimal } from './money.ts';
import { Prisma, PrismaClient } from './prisma/client.ts';
import { hasEvents } from './outbox.ts';
import { createConversations } from './conversation.ts';
import type { HandedPart, Settled } from './handed-parts.ts';
import type { Pipeline } from './pipeline.ts';
import { createPipelines, type Piped } from './pipelines.ts';
import { createReadTransaction, type Ask, type ReadPorts } from './read-transaction.ts';
import { rowReaderOf } from './row-values.ts';
import { createSnapshots } from './snapshot.ts';
import { createStatementNames } from './statement-names.ts';
import { OMIT } from './unreadable-columns.ts';
import { createViewerTransactions } from './viewer-transactions.ts';
import type { Viewer } from './viewer.ts';

/** The handle inside a transaction. */
export type Tx = Omit<
  PrismaClient<never, typeof OMIT>,
  '$connect' | '$disconnect' | '$on' | '$transaction' | '$extends'
>;
/** What Pothos gets as its client: reads in the request's snapshot. */
export type SnapshotClient = Tx;

export interface DatabaseOptions {
  /** Of a role that owns no table: tradegraph_server or tradegraph_worker. */
  readonly url: string;
  readonly poolSize: number;
  /** How long to wait for a free connection. */
  readonly acquireTimeoutMs: number;
  /** How long a transaction may take before it is rolled back. */
  readonly transactionTimeoutMs: number;
  /** The database ends one that does nothing for so long, and frees its locks; else the same time. */
  readonly idleInTransactionMs?: number;
  readonly statementTimeoutMs: number;
  /** Called after the commit of a transaction that appended events, so that the relay wakes. */
  readonly onEvents?: () => void;
}

/**
 * The database as one viewer sees it. There is no way to it but these functions: each sets the viewer
 * for its transaction alone, and row-level security does the rest.
 */
export interface Database {
  /**
   * One short read-write transaction as `viewer`, committed when `work` resolves and rolled back when
   * it throws. No outside I/O belongs in `work`. Ends the viewer's snapshot first, since a request
   * never holds two connections.
   */
  withViewer<T>(viewer: Viewer, work: (tx: Tx) => Promise<T>): Promise<T>;
  /** The same in two messages to the database, past Prisma: for the paths where that counts. */
  pipeline<T>(viewer: Viewer, work: (pipeline: Pipeline) => Promise<T>): Promise<T>;
  /**
   * The same on the worker's database for those whose commands the worker completes, in one transaction: it
   * begins as the viewer of each under the server's role, whose walls hold for all that is asked and stored,
   * and only what is stored as the worker is stored by it. The snapshots to pause are another database's.
   */
  handedPipelines<T>(parts: readonly HandedPart<T>[]): Promise<readonly Settled<T>[]>;
  /** Reads in the viewer's snapshot if one is open, and in a short one of its own otherwise. */
  snapshot<T>(viewer: Viewer, work: (tx: Tx) => Promise<T>): Promise<T>;
  /**
   * The same past Prisma, by prepared statements: their plans are made once for a connection, and their
   * rows are as Prisma's. For the reads that every screen asks for. Asks for `work` alone, and in the end
   * nobody waits for the database.
   */
  read<T>(viewer: Viewer, work: (ask: Ask) => Promise<T>): Promise<T>;
  /** A client whose reads run in the viewer's snapshot, opened at the first of them. */
  clientFor(viewer: Viewer): SnapshotClient;
  /** From here on, all reads of `viewer` see one state of the database, until {@link endSnapshot}. */
  beginSnapshot(viewer: Viewer): void;
  endSnapshot(viewer: Viewer): Promise<void>;
  /** The next read sees what was written until then, by whatever way. */
  pauseSnapshot(viewer: Viewer): Promise<void>;
  /**
   * One statement for nobody, in no transaction: what row-level security guards, it does not see. For
   * functions of the database that know by themselves what they may tell, such as whose a session is.
   */
  lookUp<Row extends object>(statement: Prisma.Sql): Promise<Row[]>;
  close(): Promise<void>;
}

// Prisma's decimals keep 20 digits of a result, a column up to 38: as many as ours, and rounded alike.
Prisma.Decimal.set({ precision: Decimal.precision, rounding: Decimal.rounding });

export function createDatabase(options: DatabaseOptions): Database {
  const pool = new Pool({
    connectionString: options.url,
    max: options.poolSize,
    connectionTimeoutMillis: options.acquireTimeoutMs,
    statement_timeout: options.statementTimeoutMs,
    idle_in_transaction_session_timeout:
      options.idleInTransactionMs ?? options.transactionTimeoutMs,
    application_name: 'tradegraph',
    pipeline: true,
  });
  // An idle connection that the server closes is replaced at the next use; unheard, it ends the process.
  pool.on('error', () => undefined);
  // One in use fails its query, which tells whoever waits for it.
  pool.on('connect', (client) => client.on('error', () => undefined));
  const nameOf = createStatementNames();
  const transactions = createViewerTransactions(pool, nameOf);
  const pipelines = createPipelines(createConversations(pool, nameOf));
  const prisma = new PrismaClient({ adapter: transactions.adapter, omit: OMIT });
  const limits = { maxWait: options.acquireTimeoutMs, timeout: options.transactionTimeoutMs };

  const write = async <T>(viewer: Viewer, work: (tx: Tx) => Promise<T>): Promise<T> => {
    const { result, isNews } = await transactions.begin(viewer, () =>
      prisma.$transaction(
        async (tx) => ({ result: await work(tx), isNews: hasEvents(tx) }),
        limits,
      ),
    );
    if (isNews) options.onEvents?.();
    return result;
  };

  const told = <T>({ result, isNews }: Piped<T>): T => {
    if (isNews) options.onEvents?.();
    return result;
  };

  const reads: ReadPorts = {
    connect: () => pool.connect(),
    nameOf,
    known: { makers: new Map(), readerOf: rowReaderOf },
    timeoutMs: options.transactionTimeoutMs,
  };
  const snapshots = createSnapshots({
    open: (viewer) => createReadTransaction(reads, viewer),
    join: (read, work) => transactions.join(read, () => prisma.$transaction(work, limits)),
    modelNames: Object.keys(Prisma.ModelName),
  });
  return {
    async withViewer(viewer, work) {
      await snapshots.pause(viewer);
      return write(viewer, work);
    },
    async pipeline(viewer, work) {
      await snapshots.pause(viewer);
      return told(await pipelines.run(viewer, work));
    },
    handedPipelines: async (parts) => told(await pipelines.runHanded(parts)),
    snapshot: (viewer, work) => snapshots.run(viewer, work),
    read: (viewer, work) => snapshots.read(viewer, work),
    clientFor: (viewer) => snapshots.clientFor(viewer),
    async lookUp<Row extends object>({ text, values }: Prisma.Sql) {
      const { rows } = await pool.query<Row>({ name: nameOf({ sql: text }), text, values });
      return rows;
    },
    beginSnapshot: (viewer) => snapshots.begin(viewer),
    endSnapshot: (viewer) => snapshots.end(viewer),
    pauseSnapshot: (viewer) => snapshots.pause(viewer),
    async close() {
      await prisma.$disconnect();
      await pool.end();
    },
  };
}
