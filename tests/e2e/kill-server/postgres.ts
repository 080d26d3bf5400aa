import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { passwordOfCluster, SUPERUSER } from '../../../src/services/platform/embedded/initdb.ts';
import { findPostmaster } from '../../../src/services/platform/embedded/postmaster.ts';

/** URL of the superuser of the embedded database that runs on a data directory now. */
export function embeddedDatabaseUrl(dataDirectory: string): string {
  const folder = clusterFolder(dataDirectory);
  const running = findPostmaster(folder);
  if (!running) throw new Error('PostgreSQL does not run.');
  const url = new URL('postgresql://127.0.0.1/tradegraph');
  url.username = SUPERUSER;
  url.password = passwordOfCluster(folder);
  url.port = String(running.port);
  return url.href;
}

/**
 * `kill -9` of PostgreSQL: of its postmaster, and where the system tells (Linux) of all its processes
 * at once, so that none ends in an orderly way. What was not yet in the write-ahead log is lost.
 */
export function killPostgres(dataDirectory: string): void {
  const running = findPostmaster(clusterFolder(dataDirectory));
  if (!running) return;
  const children = childrenOf(running.processId);
  for (const processId of [running.processId, ...children]) {
    try {
      process.kill(processId, 'SIGKILL');
    } catch {
      // It ended by itself in the meantime.
    }
  }
}

function clusterFolder(dataDirectory: string): string {
  return realpathSync(path.join(dataDirectory, 'postgres'));
}

function childrenOf(processId: number): number[] {
  if (!existsSync('/proc/self/stat')) return [];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((candidate) => parentOf(candidate) === processId);
}

function parentOf(processId: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${String(processId)}/stat`, 'utf8');
    // `pid (name) state parent …`; a name may hold spaces and parentheses.
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return undefined;
  }
}
