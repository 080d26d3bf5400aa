import { createFoundation, type Foundation } from '../app/foundation.ts';
import type { Config } from '../services/platform/config/config.ts';
import { configWith } from '../services/platform/config/settings.ts';
import { assertReady, bringUpToDate } from '../start/ready-database.ts';
import type { Operator } from './operator.ts';

/** For a command that works with people, prices or money, and not with tables alone. */
export interface OperatorFoundation {
  readonly foundation: Foundation;
  readonly config: Config;
}

/**
 * Runs `work` with the services' foundation on a database that has the tables of this version:
 * development migrates it, production is told to.
 */
export async function withFoundation<T>(
  { settings, urls }: Operator,
  work: (given: OperatorFoundation) => Promise<T>,
): Promise<T> {
  if (settings.environment === 'production') {
    await assertReady(urls, settings.database.connectTimeoutMs);
  } else {
    await bringUpToDate(urls);
  }
  const config = configWith(settings, urls);
  const foundation = await createFoundation({ config, isServing: false });
  try {
    return await work({ foundation, config });
  } finally {
    await foundation.close();
  }
}
