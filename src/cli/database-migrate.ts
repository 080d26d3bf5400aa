import { migrate, readMigrations } from '../services/platform/migrations/migrate.ts';
import { allowLogin } from '../services/platform/migrations/roles.ts';
import { MIGRATIONS_FOLDER } from '../services/platform/project-root.ts';
import { blaming } from '../services/platform/config/database-problem.ts';
import { say, type Operator } from './operator.ts';

/** Applies what is pending, and gives the two roles the passwords of their URLs. */
export async function migrateAsOperator({ settings, ownerUrl, urls }: Operator): Promise<void> {
  const { given } = settings.database;
  // In production a derived password would lock out the servers that run with another one.
  const roleUrls =
    settings.environment === 'production'
      ? [given.server, given.worker].filter((url) => url !== undefined)
      : [urls.server, urls.worker];
  await blaming({ variable: 'DATABASE_URL', url: ownerUrl }, async () => {
    const applied = await migrate(ownerUrl, await readMigrations(MIGRATIONS_FOLDER));
    for (const name of applied) say(`applied ${name}`);
    if (applied.length === 0) say('Nothing was pending.');
    await allowLogin(ownerUrl, roleUrls);
  });
}
