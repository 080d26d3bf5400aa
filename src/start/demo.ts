import type { Demo } from '../../prisma/seed.ts';
import type { Config } from '../services/platform/config/config.ts';

/**
 * Fills an empty database of development. Asking whether it is empty costs one statement, and the
 * rest is loaded only if it is.
 */
export async function prepareDemo(config: Config): Promise<Demo | undefined> {
  const { owner } = config.database.urls;
  if (config.environment === 'production' || !owner) return undefined;
  const { Client } = await import('pg');
  const client = new Client({ connectionString: owner });
  await client.connect();
  try {
    const { rowCount } = await client.query('SELECT 1 FROM models LIMIT 1');
    if (rowCount !== 0) return undefined;
  } finally {
    await client.end();
  }
  const { seedDemo } = await import('../../prisma/seed.ts');
  return seedDemo(config);
}
