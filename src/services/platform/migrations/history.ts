import { Client } from 'pg';

export interface AppliedMigration {
  readonly name: string;
  readonly startedAt: Date;
  /** Null when it failed or is under way. */
  readonly finishedAt: Date | null;
  readonly isRolledBack: boolean;
}

/** What was applied to the database, oldest first. */
export async function readHistory(ownerUrl: string): Promise<readonly AppliedMigration[]> {
  const client = new Client({ connectionString: ownerUrl });
  await client.connect();
  try {
    const { rows: tables } = await client.query<{ found: boolean }>(
      `SELECT to_regclass('_prisma_migrations') IS NOT NULL AS found`,
    );
    if (!tables[0]?.found) return [];
    const { rows } = await client.query<AppliedMigration>(
      `SELECT migration_name AS name, started_at AS "startedAt", finished_at AS "finishedAt",
         rolled_back_at IS NOT NULL AS "isRolledBack"
       FROM _prisma_migrations ORDER BY started_at, migration_name`,
    );
    return rows;
  } finally {
    await client.end();
  }
}
