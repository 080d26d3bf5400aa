import { loadSettings } from '../services/platform/config/load-settings.ts';
import { configWith } from '../services/platform/config/settings.ts';
import { PROJECT_ROOT } from '../services/platform/project-root.ts';
import { greeting } from './banner.ts';
import { prepareDemo } from './demo.ts';
import { assertFree, listenAt } from './free-address.ts';
import { prepareDatabase } from './prepare-database.ts';
import { announce, say } from './progress.ts';
import type { Shutdown } from './shutdown.ts';

/**
 * Starts everything and answers when the API does. Development brings its own database up, migrates
 * and fills it; production only looks whether all is as it must be.
 * @throws OperatorError for what whoever starts it can put right
 */
export async function start(shutdown: Shutdown): Promise<void> {
  const settings = loadSettings({ rootDirectory: PROJECT_ROOT, purpose: 'server' });
  // A database that is there is no wait: the server itself finds out in time.
  if (!settings.database.urls) await assertFree(settings.http);
  // The largest part of a start is to load the program: it goes on while the database starts.
  const program = Promise.all([import('../app.ts'), import('../server.ts')]);
  program.catch(() => undefined);
  const urls = await announce('Preparing the database', () =>
    prepareDatabase(settings, shutdown, 'server'),
  );
  const config = configWith(settings, urls);
  const demo = await announce('Preparing the demo', () => prepareDemo(config));

  const [{ createApp }, { startServer }] = await program;
  const app = await createApp({ config, parts: config.process.parts });
  shutdown.onStop(() => app.stop());
  await app.start();
  const server = await listenAt(settings.http, () => startServer({ config, app }));
  shutdown.onStop(() => server.stop());
  for (const line of greeting({ url: server.url, config, demo })) say(line);
}
