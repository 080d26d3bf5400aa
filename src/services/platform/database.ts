import { PrismaPg } from '@prisma/adapter-pg';
import { Pool } from 'pg';
import { Decimal } from './money.ts';
import { Prisma, PrismaClient } from './prisma/client.ts';
import { hasEvents } from './outbox.ts';
import { createSnapshots } from './snapshot.ts';
import { createStatementNames } from './statement-names.ts';
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
  /** Reads in the viewer's snapshot if one is open, and in a short one of its own otherwise. */
  snapshot<T>(viewer: Viewer, work: (tx: Tx) => Promise<T>): Promise<T>;
  /** A client whose reads run in the viewer's snapshot, opened at the first of them. */
  clientFor(viewer: Viewer): SnapshotClient;
  /** From here on, all reads of `viewer` see one state of the database, until {@link endSnapshot}. */
  beginSnapshot(viewer: Viewer): void;
  endSnapshot(viewer: Viewer): Promise<void>;
  close(): Promise<void>;
}

// Prisma's decimals keep 20 digits of a result, a column up to 38: as many as ours, and rounded alike.
Prisma.Decimal.set({ precision: Decimal.precision, rounding: Decimal.rounding });

/** The server's role may not read these columns, so that no query can ask for them by mistake. */
const OMIT = {
  apiKey: { keyHash: true },
  user: { passwordHash: true },
  credential: { sealedValue: true },
  aiProvider: { sealedKey: true },
} as const;

export function createDatabase(options: DatabaseOptions): Database {
  const pool = new Pool({
    connectionString: options.url,
    max: options.poolSize,
    connectionTimeoutMillis: options.acquireTimeoutMs,
    statement_timeout: options.statementTimeoutMs,
    idle_in_transaction_session_timeout: options.transactionTimeoutMs,
    application_name: 'tradegraph',
  });
  // An idle connection that the server closes is replaced at the next use; unheard, it ends the process.
  pool.on('error', () => undefined);
  const adapter = new PrismaPg(pool, { statementNameGenerator: createStatementNames() });
  const prisma = new PrismaClient({ adapter, omit: OMIT });
  const limits = { maxWait: options.acquireTimeoutMs, timeout: options.transactionTimeoutMs };

  const write = async <T>(viewer: Viewer, work: (tx: Tx) => Promise<T>): Promise<T> => {
    const { result, isNews } = await prisma.$transaction(async (tx) => {
      await setViewer(tx, viewer, 'off');
      return { result: await work(tx), isNews: hasEvents(tx) };
    }, limits);
    if (isNews) options.onEvents?.();
    return result;
  };

  const read = <T>(viewer: Viewer, work: (tx: Tx) => Promise<T>): Promise<T> =>
    prisma.$transaction(
      async (tx) => {
        await setViewer(tx, viewer, 'on');
        return work(tx);
      },
      { ...limits, isolationLevel: Prisma.TransactionIsolationLevel.RepeatableRead },
    );

  const snapshots = createSnapshots(read, Object.keys(Prisma.ModelName));
  return {
    async withViewer(viewer, work) {
      await snapshots.pause(viewer);
      return write(viewer, work);
    },
    snapshot: (viewer, work) => snapshots.read(viewer, work),
    clientFor: (viewer) => snapshots.clientFor(viewer),
    beginSnapshot: (viewer) => snapshots.begin(viewer),
    endSnapshot: (viewer) => snapshots.end(viewer),
    async close() {
      await prisma.$disconnect();
      await pool.end();
    },
  };
}

/**
 * A read walks an index and stops at its limit. PostgreSQL takes the list of each parent to be of average
 * length; where most are short, it would read the longest one whole, by a bitmap, to sort it.
 */
async function setViewer(tx: Tx, viewer: Viewer, readOnly: 'on' | 'off'): Promise<void> {
  await tx.$queryRaw`SELECT set_config('app.user_id', ${viewer.userId ?? ''}, true),
    set_config('app.role', ${viewer.role}, true),
    set_config('app.api_key_environment', ${viewer.apiKey?.environment ?? ''}, true),
    set_config('transaction_read_only', ${readOnly}, true),
    set_config('enable_bitmapscan', ${readOnly === 'on' ? 'off' : 'on'}, true)`;
}
