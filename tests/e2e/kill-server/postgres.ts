import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { findPostmaster } from '../../../src/services/platform/embedded/postmaster.ts';
import { clusterFolder, findEmbeddedDatabase } from '../../support/embedded-database.ts';

/** URL of the superuser of the embedded database that runs on a data directory now. */
export function embeddedDatabaseUrl(dataDirectory: string): string {
  const url = findEmbeddedDatabase(dataDirectory);
  if (url === undefined) throw new Error('PostgreSQL does not run.');
  return url;
}

/**
 * `kill -9` of PostgreSQL: of its postmaster, and where the system tells (Linux) of all its processes
 * at once, so that none ends in an orderly way. What was not yet in the write-ahead log is lost.
 */
export function killPostgres(dataDirectory: string): void {
  const folder = clusterFolder(dataDirectory);
  const running = folder === undefined ? undefined : findPostmaster(folder);
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
