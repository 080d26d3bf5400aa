import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { startEmbeddedCluster } from './embedded-cluster.ts';
import { migrate, readMigrations } from '../../src/services/platform/migrations/migrate.ts';
import { allowLogin } from '../../src/services/platform/migrations/roles.ts';
import { MIGRATIONS_FOLDER } from '../../src/services/platform/project-root.ts';
import { databaseUrl } from './database-url.ts';
import { fleetingPlace } from './fleeting-place.ts';

export interface TestCluster {
  /** URL of its superuser. */
  readonly clusterUrl: string;
  /** URL of the same for the migrated database: to be used, or to be copied. */
  readonly templateUrl: string;
  stop(): Promise<void>;
}

/** A PostgreSQL for tests alone, with one migrated database; gone when it is stopped. */
export async function startTestCluster(): Promise<TestCluster> {
  const folder = await mkdtemp(join(fleetingPlace(), 'tradegraph-test-'));
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
  await migrate(templateUrl, await readMigrations(MIGRATIONS_FOLDER));
  await allowLogin(templateUrl);
  await owner.end();
  return {
    clusterUrl: cluster.ownerUrl,
    templateUrl,
    async stop() {
      await cluster.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
