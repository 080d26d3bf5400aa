import type { Settings } from '../services/platform/config/config.ts';
import type { DatabaseUrls } from '../services/platform/config/database-urls.ts';
import { loadSettings } from '../services/platform/config/load-settings.ts';
import { configWith } from '../services/platform/config/settings.ts';
import { PROJECT_ROOT } from '../services/platform/project-root.ts';
import { greeting } from './banner.ts';
import { prepareDemo } from './demo.ts';
import { assertFree } from './free-address.ts';
import { announce, say } from './progress.ts';
import type { Shutdown } from './shutdown.ts';

/**
 * Starts everything and answers when the API does. Development brings its own database up, migrates
 * and fills it; production only looks whether all is as it must be.
 * @throws OperatorError for what whoever starts it can put right
 */
export async function start(shutdown: Shutdown): Promise<void> {
  const settings = loadSettings({ rootDirectory: PROJECT_ROOT, purpose: 'server' });
  await assertFree(settings.http);
  // The largest part of a start is to load the program: it goes on while the database starts.
  const program = Promise.all([import('../app.ts'), import('../server.ts')]);
  program.catch(() => undefined);
  const urls = await announce('Preparing the database', () => prepareDatabase(settings, shutdown));
  const config = configWith(settings, urls);
  const demo = await announce('Preparing the demo', () => prepareDemo(config));

  const [{ createApp }, { startServer }] = await program;
  const app = await createApp({ config });
  shutdown.onStop(() => app.stop());
  await app.start();
  const server = await startServer({ config, app });
  shutdown.onStop(() => server.stop());
  for (const line of greeting({ url: server.url, config, demo })) say(line);
}

async function prepareDatabase(settings: Settings, shutdown: Shutdown): Promise<DatabaseUrls> {
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
  await claim(source, settings);
  await bringUpToDate(source.urls);
  return source.urls;
}
