import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import type { TestProject } from 'vitest/node';
import { startEmbeddedCluster } from '../../src/services/platform/embedded-postgres.ts';
import { migrate, readMigrations } from '../../src/services/platform/migrations/migrate.ts';
import { allowLogin } from '../../src/services/platform/migrations/roles.ts';
import { databaseUrl } from './database-url.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** URL of the superuser of the test run's own PostgreSQL. */
    clusterUrl: string;
  }
}

/** One PostgreSQL for the run, with a migrated database that each test file copies. */
export default async function setup(project: TestProject) {
  const folder = await mkdtemp(join(tmpdir(), 'tradegraph-test-'));
  // PostgreSQL does not run as root: where we are root, it runs as another user, who must get in.
  await chmod(folder, 0o755);
  const cluster = await startEmbeddedCluster({
    folder: join(folder, 'postgres'),
    password: 'test',
    isDurable: false,
  });
  const owner = new Client({ connectionString: cluster.ownerUrl });
  await owner.connect();
  await owner.query('CREATE DATABASE template_tradegraph');
  const templateUrl = databaseUrl(cluster.ownerUrl, 'template_tradegraph');
  await migrate(templateUrl, await readMigrations('prisma/migrations'));
  await allowLogin(templateUrl);
  await owner.end();
  project.provide('clusterUrl', cluster.ownerUrl);

  return async () => {
    await cluster.stop();
    await rm(folder, { recursive: true, force: true });
  };
}
