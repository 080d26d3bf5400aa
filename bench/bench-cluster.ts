import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate, readMigrations } from '../src/services/platform/migrations/migrate.ts';
import { allowLogin } from '../src/services/platform/migrations/roles.ts';
import { startEmbeddedCluster } from '../tests/support/embedded-cluster.ts';

/** A PostgreSQL of a bench's own, which keeps what it commits, as one that serves people does. */
export interface BenchCluster {
  readonly ownerUrl: string;
  /** For files of the bench; it goes with the cluster. */
  readonly folder: string;
  /** Stops it and forgets all of it. */
  close(): Promise<void>;
}

/** With the tables of this version, or of those migrations, and roles that may log in. */
export async function openBenchCluster(migrations = 'prisma/migrations'): Promise<BenchCluster> {
  const folder = await mkdtemp(join(tmpdir(), 'tradegraph-bench-'));
  // PostgreSQL runs as a user of its own.
  await chmod(folder, 0o755);
  const cluster = await startEmbeddedCluster({
    folder: join(folder, 'postgres'),
    password: 'bench',
    isDurable: true,
  });
  const close = async (): Promise<void> => {
    await cluster.stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await migrate(cluster.ownerUrl, await readMigrations(migrations));
    await allowLogin(cluster.ownerUrl);
  } catch (error) {
    await close();
    throw error;
  }
  return { ownerUrl: cluster.ownerUrl, folder, close };
}
