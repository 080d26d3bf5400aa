import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';

/** Whom the programs of PostgreSQL run as. Undefined: whoever runs this. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

const NAME = 'postgres';

/** What must lie outside of a folder that only root may enter lies here. */
export const OPEN_FOLDER = '/var/lib/tradegraph';

/**
 * PostgreSQL refuses to run as root. Where we are root, it runs as the user `postgres`, which is
 * made when the machine has none.
 */
export function accountOfPostgres(): Account | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const known = accountNamed(NAME);
  if (known) return known;
  execFileSync('useradd', ['--system', '--user-group', '--no-create-home', NAME]);
  const made = accountNamed(NAME);
  if (!made) throw new Error(`The user "${NAME}" could not be made. Make it, or set DATABASE_URL.`);
  return made;
}

function accountNamed(name: string): Account | undefined {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((entry) => entry.startsWith(`${name}:`));
  const [, , uid, gid] = line?.split(':') ?? [];
  return uid && gid ? { uid: Number(uid), gid: Number(gid) } : undefined;
}

/**
 * The first folder on the way to `target` that `account` may not enter, such as a home directory of
 * mode 700; undefined when it may enter all of them.
 */
export function barrier(target: string, account: Account | undefined): string | undefined {
  if (!account) return undefined;
  const folders = [];
  for (let folder = path.resolve(target); ; folder = path.dirname(folder)) {
    folders.unshift(folder);
    if (folder === path.dirname(folder)) break;
  }
  return folders.find((folder) => {
    const found = statSync(folder, { throwIfNoEntry: false });
    if (!found) return false;
    if (found.uid === account.uid) return (found.mode & 0o100) === 0;
    if (found.gid === account.gid) return (found.mode & 0o010) === 0;
    return (found.mode & 0o001) === 0;
  });
}
