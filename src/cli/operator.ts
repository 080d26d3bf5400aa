import type { Settings } from '../services/platform/config/config.ts';
import type { DatabaseUrls } from '../services/platform/config/database-urls.ts';
import type { DatabaseSource } from '../services/platform/database-source.ts';

/** What a command of an operator works with. */
export interface Operator {
  readonly settings: Settings;
  readonly source: DatabaseSource;
  /** The URL of who owns the tables; there is one, or the command does not run. */
  readonly ownerUrl: string;
  readonly urls: DatabaseUrls;
}

/**
 * Runs `work` with the database that the settings name, or with the embedded one: the one that a
 * server uses at the moment, or else one that is started for as long as the command takes. A
 * command that would endanger people's data, or open a door, is not for production.
 */
export async function asOperator(
  work: (operator: Operator) => Promise<void>,
  { isForProduction = true }: { isForProduction?: boolean } = {},
): Promise<void> {
  const { loadSettings } = await import('../services/platform/config/load-settings.ts');
  const { openDatabaseSource } = await import('../services/platform/database-source.ts');
  const { OperatorError } = await import('../services/platform/config/config-error.ts');
  const { PROJECT_ROOT } = await import('../services/platform/project-root.ts');
  const settings = loadSettings({ rootDirectory: PROJECT_ROOT, purpose: 'operator' });
  if (settings.environment === 'production' && !isForProduction) {
    throw new OperatorError('This command is not for production (NODE_ENV=production).');
  }
  const source = await openDatabaseSource(settings, () => {
    process.stderr.write('The embedded PostgreSQL has ended; the command cannot go on.\n');
    process.exit(1);
  });
  const release = () => {
    void source.release().finally(() => process.exit(130));
  };
  process.once('SIGINT', release).once('SIGTERM', release);
  try {
    const { urls } = source;
    if (!urls.owner) throw new OperatorError('DATABASE_URL is not set. Set it to the owner’s URL.');
    await work({ settings, source, urls, ownerUrl: urls.owner });
  } finally {
    process.off('SIGINT', release).off('SIGTERM', release);
    await source.release();
  }
}

export function say(line = ''): void {
  process.stdout.write(`${line}\n`);
}
