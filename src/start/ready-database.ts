import { ConfigError, OperatorError } from '../services/platform/config/config-error.ts';
import type { Settings } from '../services/platform/config/config.ts';
import { blaming } from '../services/platform/config/database-problem.ts';
import type { DatabaseUrls } from '../services/platform/config/database-urls.ts';
import { assertReachable } from '../services/platform/database-reachable.ts';
import type { DatabaseSource } from '../services/platform/database-source.ts';
import { findPending, migrate, readMigrations } from '../services/platform/migrations/migrate.ts';
import { allowLogin } from '../services/platform/migrations/roles.ts';
import { MIGRATIONS_FOLDER } from '../services/platform/project-root.ts';

/** Migrates the database and lets its two roles in. Returns the names of what was applied. */
export async function bringUpToDate(urls: DatabaseUrls): Promise<readonly string[]> {
  const { owner } = urls;
  if (!owner) throw new Error('Only the owner of a database can migrate it.');
  return blaming({ variable: 'DATABASE_URL', url: owner }, async () => {
    const applied = await migrate(owner, await readMigrations(MIGRATIONS_FOLDER));
    await allowLogin(owner, [urls.server, urls.worker]);
    return applied;
  });
}

/** @throws ConfigError when another program serves from the same embedded database already */
export async function claim(source: DatabaseSource, settings: Settings): Promise<void> {
  const other = await source.claimServing();
  if (other === undefined) return;
  const fix =
    `${settings.dataDirectory} is used by process ${String(other)}. ` +
    'Stop it, or set DATA_DIRECTORY to another folder.';
  throw new ConfigError([{ variable: 'DATA_DIRECTORY', fix }]);
}

/**
 * What production expects to find: both roles can log in, and the tables are those of this version.
 * It changes nothing.
 * @throws OperatorError that names the variable, or the command to run
 */
export async function assertReady(urls: DatabaseUrls, connectTimeoutMs: number): Promise<void> {
  await assertReachable('DATABASE_SERVER_URL', urls.server, connectTimeoutMs);
  await assertReachable('DATABASE_WORKER_URL', urls.worker, connectTimeoutMs);
  const pending = await findPending(urls.worker, await readMigrations(MIGRATIONS_FOLDER));
  if (pending.length === 0) return;
  throw new OperatorError(
    `The database lacks ${pending.join(', ')}. Run: npm run migrate (with DATABASE_URL set)`,
  );
}
