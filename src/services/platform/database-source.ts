import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import type { Settings } from './config/config.ts';
import { ConfigError } from './config/config-error.ts';
import { urlsFromOwner, type DatabaseUrls } from './config/database-urls.ts';
import { assertReachable } from './database-reachable.ts';
import { useLocalCluster } from './embedded/local-cluster.ts';

/** Where the data of this program is, reachable and ready to be migrated. */
export interface DatabaseSource {
  readonly urls: DatabaseUrls;
  /** The embedded database may be used by one server at a time; another one can have many. */
  readonly isEmbedded: boolean;
  /**
   * Makes this program the one that serves from the embedded database. Answers the process id of
   * the program that does already, if there is one.
   */
  claimServing(): Promise<number | undefined>;
  /** Lets go of it; the embedded database stops with the last program that uses it. */
  release(): Promise<void>;
}

const EMBEDDED_DATABASE = 'tradegraph';
const PASSWORD_BYTES = 24;
/** Any number that no other program on the cluster uses for an advisory lock. */
const CREATION_LOCK = 7_243_004;

/**
 * The database that the settings name, or else the embedded one, started if nothing runs it yet.
 * `onLost` is called when the embedded one ends under this program.
 * @throws ConfigError when the settings name a database that does not answer
 */
export async function openDatabaseSource(
  settings: Settings,
  onLost: () => void,
): Promise<DatabaseSource> {
  const { urls } = settings.database;
  if (urls?.owner) {
    await assertReachable('DATABASE_URL', urls.owner, settings.database.connectTimeoutMs);
    return {
      urls,
      isEmbedded: false,
      claimServing: () => Promise.resolve(undefined),
      release: () => Promise.resolve(),
    };
  }
  if (settings.environment === 'production') {
    throw new ConfigError([
      { variable: 'DATABASE_URL', fix: 'is not set, and production needs it.' },
    ]);
  }
  const cluster = await useLocalCluster({
    dataDirectory: settings.dataDirectory,
    makePassword: () => randomBytes(PASSWORD_BYTES).toString('base64url'),
    onLost,
  });
  const owner = new URL(cluster.superuserUrl);
  owner.pathname = `/${EMBEDDED_DATABASE}`;
  await ensureDatabase(cluster.superuserUrl);
  return {
    urls: urlsFromOwner(owner.href, settings.database.given),
    isEmbedded: true,
    claimServing: () => cluster.claimServing(),
    release: () => cluster.release(),
  };
}

async function ensureDatabase(superuserUrl: string): Promise<void> {
  const client = new Client({ connectionString: superuserUrl });
  await client.connect();
  try {
    // Of two programs that start at once, one makes it.
    await client.query('SELECT pg_advisory_lock($1)', [CREATION_LOCK]);
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [
      EMBEDDED_DATABASE,
    ]);
    if (rowCount === 0) await client.query(`CREATE DATABASE ${EMBEDDED_DATABASE}`);
  } finally {
    await client.end();
  }
}
