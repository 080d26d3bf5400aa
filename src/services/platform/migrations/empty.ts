import { Client } from 'pg';

/**
 * Deletes every table, type and function of the database, and so every row. The database itself and
 * the roles of the cluster stay, so that its owner needs no further right.
 */
export async function emptyDatabase(ownerUrl: string): Promise<void> {
  const client = new Client({ connectionString: ownerUrl });
  await client.connect();
  try {
    await client.query(
      'BEGIN; DROP SCHEMA IF EXISTS pgboss, event_days CASCADE; DROP SCHEMA public CASCADE; ' +
        'CREATE SCHEMA public; GRANT USAGE ON SCHEMA public TO PUBLIC; COMMIT',
    );
  } finally {
    await client.end();
  }
}
