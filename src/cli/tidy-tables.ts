import { Client } from 'pg';

/** What an import fills by the thousand. */
const TABLES = ['agent_log', 'bars', 'equity_points', 'ledger_entries', 'news_articles', 'trades'];

/**
 * Lets PostgreSQL know what is in tables that were just filled (its manual, 14.4, "Populating a
 * Database"), which it would find out by itself after a minute: until then queries are planned as
 * if there were nothing, and indexes alone do not answer. Tables in use are left out.
 */
export async function tidyTables(ownerUrl: string): Promise<void> {
  const client = new Client({ connectionString: ownerUrl });
  await client.connect();
  try {
    await client.query(`VACUUM (ANALYZE, SKIP_LOCKED) ${TABLES.join(', ')}`);
  } finally {
    await client.end();
  }
}
