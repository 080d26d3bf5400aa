import type { Config } from '../services/platform/config/config.ts';
import { createDatabase, type Database } from '../services/platform/database.ts';
import { NotFound } from '../services/platform/errors.ts';
import { OperatorError } from '../services/platform/config/config-error.ts';

/** A transaction of these commands holds a whole history: minutes, where a request has seconds. */
const TRANSACTION_TIMEOUT_MS = 60 * 60 * 1000;
const STATEMENT_TIMEOUT_MS = 10 * 60 * 1000;

/**
 * Runs `work` with the worker's database and time for one long transaction. An owner who is not
 * there is said with the option that names one.
 */
export async function withLongDatabase<T>(
  { database: { urls, connectTimeoutMs } }: Config,
  work: (workerDb: Database) => Promise<T>,
): Promise<T> {
  const workerDb = createDatabase({
    url: urls.worker,
    poolSize: 2,
    acquireTimeoutMs: connectTimeoutMs,
    statementTimeoutMs: STATEMENT_TIMEOUT_MS,
    transactionTimeoutMs: TRANSACTION_TIMEOUT_MS,
  });
  try {
    return await work(workerDb);
  } catch (error) {
    if (!(error instanceof NotFound)) throw error;
    throw new OperatorError(`${error.message} Name who owns the records with --owner.`);
  } finally {
    await workerDb.close();
  }
}
