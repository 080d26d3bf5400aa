import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import type { Migration, MigrationState } from './engine.ts';

/** Any number that no other program on the cluster uses for an advisory lock. */
const LOCK = 7_243_001;

/** Reads the migrations of a folder, in order of name. */
export async function readMigrations(folder: string): Promise<readonly Migration[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  return Promise.all(
    names.sort().map(async (name) => ({
      name,
      sql: await readFile(join(folder, name, 'migration.sql'), 'utf8'),
    })),
  );
}

/**
 * Brings the database up to date, as its owner. Two programs that start at once wait for each other.
 * Returns the names applied.
 */
export async function migrate(
  ownerUrl: string,
  migrations: readonly Migration[],
): Promise<readonly string[]> {
  const client = new Client({ connectionString: ownerUrl });
  await client.connect();
  try {
    await client.query('SELECT pg_advisory_lock($1)', [LOCK]);
    // The engine costs a second to load, so a database that is up to date does not load it.
    if ((await pendingOf(client, migrations)).length === 0) return [];
    const { openMigrationEngine } = await import('./engine.ts');
    await using engine = await openMigrationEngine(ownerUrl);
    return await engine.apply(migrations);
  } finally {
    await client.end();
  }
}

/** What is applied, pending, edited, failed or unknown; see {@link MigrationState}. */
export async function diagnose(
  ownerUrl: string,
  migrations: readonly Migration[],
): Promise<MigrationState> {
  const { openMigrationEngine } = await import('./engine.ts');
  await using engine = await openMigrationEngine(ownerUrl);
  return await engine.diagnose(migrations);
}

/**
 * Names of the migrations that the database behind `url` has not had yet. Any role that may read
 * Prisma's own table can ask, the worker's among them.
 */
export async function findPending(
  url: string,
  migrations: readonly Migration[],
): Promise<readonly string[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return await pendingOf(client, migrations);
  } finally {
    await client.end();
  }
}

async function pendingOf(
  client: Client,
  migrations: readonly Migration[],
): Promise<readonly string[]> {
  const names = migrations.map(({ name }) => name);
  const { rows: tables } = await client.query<{ found: boolean }>(
    `SELECT to_regclass('_prisma_migrations') IS NOT NULL AS found`,
  );
  if (!tables[0]?.found) return names;
  const { rows } = await client.query<{ migration_name: string }>(
    `SELECT migration_name FROM _prisma_migrations
     WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL`,
  );
  const applied = new Set(rows.map((row) => row.migration_name));
  return names.filter((name) => !applied.has(name));
}
