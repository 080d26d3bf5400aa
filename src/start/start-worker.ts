import { ConfigError } from '../services/platform/config/config-error.ts';
import { loadSettings } from '../services/platform/config/load-settings.ts';
import { configWith } from '../services/platform/config/settings.ts';
import { PROJECT_ROOT } from '../services/platform/project-root.ts';
import { listenForHealth } from './health-port.ts';
import { prepareDatabase } from './prepare-database.ts';
import { announce, say } from './progress.ts';
import type { Shutdown } from './shutdown.ts';

/**
 * Starts what runs behind the API: relay, market, paper engine, recorders, traders, mails and jobs. Any
 * number of workers share it out; prices and orders travel between them and the API over Redis.
 * @throws OperatorError for what whoever starts it can put right
 */
export async function startWorker(shutdown: Shutdown): Promise<void> {
  const settings = loadSettings({ rootDirectory: PROJECT_ROOT, purpose: 'server' });
  if (settings.redisUrl === undefined) {
    const fix = 'is not set, and a worker needs it: it reaches the API over Redis.';
    throw new ConfigError([{ variable: 'REDIS_URL', fix }]);
  }
  const urls = await announce('Preparing the database', () =>
    prepareDatabase(settings, shutdown, 'worker'),
  );
  const { createApp } = await import('../app.ts');
  const app = await createApp({ config: configWith(settings, urls) });
  shutdown.onStop(() => app.stop());
  await app.start();
  const { health } = app.services;
  const listening = await listenForHealth({
    host: settings.http.host,
    port: settings.process.workerPort,
    check: () => health.check(),
  });
  shutdown.onStop(() => listening.stop());
  say(`Tradegraph works; its health answers at http://localhost:${String(listening.port)}/health`);
}
