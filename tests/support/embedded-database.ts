import { existsSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { passwordOfCluster, SUPERUSER } from '../../src/services/platform/embedded/initdb.ts';
import { findPostmaster } from '../../src/services/platform/embedded/postmaster.ts';

/**
 * URL of the superuser of the embedded database that runs on a data directory now; undefined when none
 * does.
 */
export function findEmbeddedDatabase(dataDirectory: string): string | undefined {
  const folder = clusterFolder(dataDirectory);
  const running = folder === undefined ? undefined : findPostmaster(folder);
  if (folder === undefined || !running) return undefined;
  const url = new URL('postgresql://127.0.0.1/tradegraph');
  url.username = SUPERUSER;
  url.password = passwordOfCluster(folder);
  url.port = String(running.port);
  return url.href;
}

/** Where its cluster lies, if it has one. */
export function clusterFolder(dataDirectory: string): string | undefined {
  const folder = path.join(dataDirectory, 'postgres');
  return existsSync(folder) ? realpathSync(folder) : undefined;
}
