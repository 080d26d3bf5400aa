import type { Settings } from '../services/platform/config/config.ts';
import type { DatabaseUrls } from '../services/platform/config/database-urls.ts';
import type { Shutdown } from './shutdown.ts';

/**
 * The database of the settings, ready to work on. Development brings its own up and migrates it;
 * production only looks whether all is as it must be. A `server` is the only one on an embedded
 * database; a `worker` may stand beside it.
 * @throws OperatorError for what whoever starts the program can put right
 */
export async function prepareDatabase(
  settings: Settings,
  shutdown: Shutdown,
  as: 'server' | 'worker',
): Promise<DatabaseUrls> {
  const { assertReady, bringUpToDate, claim } = await import('./ready-database.ts');
  if (settings.environment === 'production') {
    const { urls, connectTimeoutMs } = settings.database;
    if (!urls) throw new Error('The rules of production let a server through without its URLs.');
    await assertReady(urls, connectTimeoutMs);
    return urls;
  }
  const { openDatabaseSource } = await import('../services/platform/database-source.ts');
  const source = await openDatabaseSource(settings, () => {
    process.stderr.write('The embedded PostgreSQL has ended. See postgres.log; start again.\n');
    process.exit(1);
  });
  shutdown.onStop(() => source.release());
  if (as === 'server') await claim(source, settings);
  await bringUpToDate(source.urls);
  return source.urls;
}
