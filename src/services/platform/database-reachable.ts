import { Client } from 'pg';
import { blaming, type UrlVariable } from './config/database-problem.ts';

/**
 * Logs in once at the database of `url`.
 * @throws ConfigError that blames `variable` when that is not possible
 */
export async function assertReachable(
  variable: UrlVariable,
  url: string,
  timeoutMs: number,
): Promise<void> {
  await blaming({ variable, url }, async () => {
    const client = new Client({ connectionString: url, connectionTimeoutMillis: timeoutMs });
    client.on('error', () => undefined);
    await client.connect();
    await client.end();
  });
}
