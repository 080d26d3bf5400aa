import { Client } from 'pg';
import { findDrift, type Drift } from './catalogue.ts';
import type { Migration } from './engine.ts';
import { migrate } from './migrate.ts';

/**
 * How a migrated database has been changed past its migrations. They are applied to a scratch
 * database of the same cluster, which is dropped again; the owner must be allowed to make one.
 */
export async function driftOf(ownerUrl: string, migrations: readonly Migration[]): Promise<Drift> {
  const name = `tradegraph_scratch_${String(process.pid)}`;
  const scratch = new URL(ownerUrl);
  scratch.pathname = `/${name}`;
  const client = new Client({ connectionString: ownerUrl });
  await client.connect();
  try {
    await client.query(`DROP DATABASE IF EXISTS ${name}`);
    await client.query(`CREATE DATABASE ${name}`);
    try {
      await migrate(scratch.href, migrations);
      return await findDrift({ actual: ownerUrl, wanted: scratch.href });
    } finally {
      await client.query(`DROP DATABASE ${name} WITH (FORCE)`);
    }
  } finally {
    await client.end();
  }
}
