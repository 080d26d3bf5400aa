import type { TestDatabase } from './database.ts';

/**
 * URL of a role for the server that row-level security lets pass: the worker's, which may then find
 * sessions and keys as well. In this one database, to see what the walls before it keep by themselves.
 */
export async function liftRowLevelSecurity({ query, workerUrl }: TestDatabase): Promise<string> {
  await query('GRANT EXECUTE ON FUNCTION find_session, find_api_key TO tradegraph_worker');
  return workerUrl;
}
