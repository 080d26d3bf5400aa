import path from 'node:path';
import { findBinaries } from '../../src/services/platform/embedded/binaries.ts';
import { findFreePort } from '../../src/services/platform/embedded/free-port.ts';
import { ensureCluster, SUPERUSER } from '../../src/services/platform/embedded/initdb.ts';
import {
  startPostmaster,
  stopPostmaster,
} from '../../src/services/platform/embedded/postmaster.ts';

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

/**
 * Starts the PostgreSQL that npm packages bring, making its cluster when the folder holds none. It
 * is this program's alone; `embedded/local-cluster.ts` is the one that programs share.
 */
export async function startEmbeddedCluster(
  options: EmbeddedClusterOptions,
): Promise<EmbeddedCluster> {
  const { folder, password } = options;
  const binaries = await findBinaries();
  await ensureCluster(binaries, folder, () => password);
  const fast = [
    'fsync=off',
    'synchronous_commit=off',
    'full_page_writes=off',
    'max_wal_size=256MB',
  ];
  const { port } = await startPostmaster({
    binaries,
    folder,
    port: options.port ?? (await findFreePort()),
    logFile: path.join(path.dirname(folder), 'postgres.log'),
    settings: ['max_connections=500', ...(options.isDurable ? [] : fast)],
    isDetached: false,
  });
  return {
    ownerUrl: `postgresql://${SUPERUSER}:${encodeURIComponent(password)}@127.0.0.1:${String(port)}/postgres`,
    stop: () => stopPostmaster(binaries, folder),
  };
}
