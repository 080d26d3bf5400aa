import { execFile } from 'node:child_process';
import {
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Binaries } from './binaries.ts';

export const SUPERUSER = 'postgres';

const REMOVALS_MAX = 100;

/** Kept in the cluster's own folder: the two can only be lost, moved or deleted together. */
const PASSWORD_FILE = 'tradegraph-password';

/**
 * Makes a cluster in `folder`, whose superuser has `password`, unless there is one. It is made
 * beside and moved there whole: a kill half way leaves nothing that looks like a cluster, and of
 * two that try at once one is kept.
 */
export async function ensureCluster(
  binaries: Binaries,
  folder: string,
  makePassword: () => string,
): Promise<void> {
  if (hasCluster(folder)) return;
  mkdirSync(path.dirname(folder), { recursive: true });
  const draft = mkdtempSync(`${folder}.`);
  const password = makePassword();
  const passwordFile = `${draft}.password`;
  const { account } = binaries;
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (account) {
    chownSync(draft, account.uid, account.gid);
    chownSync(passwordFile, account.uid, account.gid);
  }
  const remove = () => {
    removeWhole(draft);
    removeWhole(passwordFile);
  };
  try {
    await runInitdb(binaries, { draft, passwordFile, remove });
    renameSync(passwordFile, path.join(draft, PASSWORD_FILE));
    renameSync(draft, folder);
  } catch (error) {
    if (!hasCluster(folder)) throw error;
  } finally {
    remove();
  }
}

/**
 * What a killed initdb had begun goes on for a moment and makes and removes files meanwhile, over which one
 * removal may stumble and pass for done.
 */
function removeWhole(left: string): void {
  for (let times = 0; times < REMOVALS_MAX && existsSync(left); times += 1) {
    rmSync(left, { recursive: true, force: true, maxRetries: 10 });
  }
}

async function runInitdb(
  { initdb, account }: Binaries,
  { draft, passwordFile, remove }: { draft: string; passwordFile: string; remove: () => void },
): Promise<void> {
  const running = promisify(execFile)(
    initdb,
    [
      `--pgdata=${draft}`,
      `--pwfile=${passwordFile}`,
      `--username=${SUPERUSER}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--locale=C',
      '--builtin-locale=C.UTF-8',
      '--locale-provider=builtin',
    ],
    { ...account, cwd: path.dirname(initdb) },
  );
  // Ctrl-C during the first start must not leave half a cluster behind.
  const giveUp = () => {
    running.child.kill('SIGKILL');
    remove();
  };
  process.once('exit', giveUp);
  try {
    await running;
  } finally {
    process.off('exit', giveUp);
  }
}

export function passwordOfCluster(folder: string): string {
  return readFileSync(path.join(folder, PASSWORD_FILE), 'utf8');
}

function hasCluster(folder: string): boolean {
  return existsSync(path.join(folder, 'PG_VERSION'));
}
