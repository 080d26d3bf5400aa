import { randomBytes } from 'node:crypto';
import { lstatSync, mkdirSync, readlinkSync, realpathSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { barrier, OPEN_FOLDER, type Account } from './account.ts';
import { findBinaries, type Binaries } from './binaries.ts';
import { holdCluster, type Hold } from './cluster-hold.ts';
import { findFreePort } from './free-port.ts';
import { ensureCluster, passwordOfCluster, SUPERUSER } from './initdb.ts';
import {
  findPostmaster,
  forgetKilledPostmaster,
  startPostmaster,
  stopPostmaster,
} from './postmaster.ts';

const POLL_MS = 50;
const ATTEMPTS_MAX = 600;
const STARTS_MAX = 5;
const SETTINGS = ['max_connections=200', 'jit=off'];

/** This program's use of the embedded PostgreSQL. */
export interface LocalCluster {
  /** URL of its superuser, for the database `postgres`. */
  readonly superuserUrl: string;
  readonly claimServing: Hold['claimServing'];
  /** Lets go of it. PostgreSQL stops with the last program that uses it. */
  release(): Promise<void>;
}

export interface LocalClusterOptions {
  readonly dataDirectory: string;
  readonly makePassword: () => string;
  /** Called when PostgreSQL ends although this program still uses it. */
  readonly onLost: () => void;
}

/**
 * Uses the PostgreSQL of `dataDirectory`: the one that runs already, whoever started it and even if
 * that program was killed since, or else one that it starts, making its cluster the first time.
 */
export async function useLocalCluster(options: LocalClusterOptions): Promise<LocalCluster> {
  const binaries = await findBinaries();
  const folder = clusterFolder(options.dataDirectory, binaries.account);
  await ensureCluster(binaries, folder, options.makePassword);
  let starts = 0;
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
    const running = findPostmaster(folder);
    if (running?.isReady) {
      const url = superuserUrl(folder, running.port);
      const hold = await holdCluster(url, folder, options.onLost);
      if (hold) return clusterOf({ url, hold, binaries, folder });
      forgetKilledPostmaster(folder);
    } else if (!running) {
      try {
        await start(binaries, folder, options.dataDirectory);
        continue;
      } catch (error) {
        // Another program may have been first, or the processes of a killed one are still ending.
        starts += 1;
        if (starts === STARTS_MAX) throw error;
      }
    }
    await sleep(POLL_MS);
  }
  const process = findPostmaster(folder)?.processId ?? 'that holds it';
  throw new Error(`PostgreSQL in ${folder} does not answer. End process ${String(process)}.`);
}

async function start(binaries: Binaries, folder: string, dataDirectory: string): Promise<void> {
  await startPostmaster({
    binaries,
    folder,
    port: await findFreePort(),
    logFile: path.join(dataDirectory, 'postgres.log'),
    settings: SETTINGS,
    isDetached: true,
  });
}

function clusterOf(parts: {
  url: string;
  hold: Hold;
  binaries: Binaries;
  folder: string;
}): LocalCluster {
  const { url, hold, binaries, folder } = parts;
  return {
    superuserUrl: url,
    claimServing: () => hold.claimServing(),
    async release() {
      // A cluster that is lost already has nobody to ask.
      const isLast = await hold.isLast().catch(() => false);
      if (isLast) await stopPostmaster(binaries, folder);
      await hold.end();
    },
  };
}

/**
 * Where the cluster lies: `postgres` in the data directory, or where a link of that name points.
 * The link is made when PostgreSQL's own account may not enter the data directory.
 */
function clusterFolder(dataDirectory: string, account: Account | undefined): string {
  mkdirSync(dataDirectory, { recursive: true });
  const inside = path.join(realpathSync(dataDirectory), 'postgres');
  const found = lstatSync(inside, { throwIfNoEntry: false });
  if (found?.isSymbolicLink()) return readlinkSync(inside);
  const closed = barrier(path.dirname(inside), account);
  if (closed === undefined) return inside;
  if (found) {
    throw new Error(
      `PostgreSQL does not run as root, and its user may not enter ${closed}. ` +
        `Run: chmod o+x ${closed}`,
    );
  }
  // A name that was never used: whoever deletes the data directory expects to start anew.
  const outside = path.join(OPEN_FOLDER, randomBytes(8).toString('hex'));
  mkdirSync(OPEN_FOLDER, { recursive: true, mode: 0o755 });
  try {
    symlinkSync(outside, inside);
  } catch (error) {
    // Another program was first; its link counts.
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
  return readlinkSync(inside);
}

function superuserUrl(folder: string, port: number): string {
  const url = new URL('postgresql://127.0.0.1/postgres');
  url.username = SUPERUSER;
  url.password = passwordOfCluster(folder);
  url.port = String(port);
  return url.href;
}
