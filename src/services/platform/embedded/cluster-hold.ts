import { realpathSync } from 'node:fs';
import { Client } from 'pg';

/** Any two numbers that no other program on the cluster uses for an advisory lock. */
const USERS_LOCK = 7_243_002;
const SERVER_LOCK = 7_243_003;

/**
 * The mark of one program that uses the cluster: advisory locks on a connection of its own, so that
 * it vanishes with the program, however that ends.
 */
export interface Hold {
  /**
   * Makes this program the one that serves from the cluster, until it ends. Answers the process id
   * of the program that does already, if there is one.
   */
  claimServing(): Promise<number | undefined>;
  /** Whether nobody else uses the cluster. If so, nobody else can begin to before `end`. */
  isLast(): Promise<boolean>;
  end(): Promise<void>;
}

/**
 * Marks this program as a user of the cluster at `url`. Answers undefined when the cluster does not
 * answer, is about to stop, or turns out to be another one that has got the port since.
 */
export async function holdCluster(
  url: string,
  folder: string,
  onLost: () => void,
): Promise<Hold | undefined> {
  const name = `tradegraph ${String(process.pid)}`;
  const client = new Client({ connectionString: url, application_name: name });
  let isHeld = false;
  client.on('error', () => undefined);
  client.on('end', () => {
    if (isHeld) onLost();
  });
  try {
    await client.connect();
    const { rows } = await client.query<{ folder: string }>(
      `SELECT current_setting('data_directory') AS folder`,
    );
    if (realpathSync(rows[0]?.folder ?? '') !== folder) throw new Error('another cluster');
    await client.query('SELECT pg_advisory_lock_shared($1)', [USERS_LOCK]);
    isHeld = true;
  } catch {
    await client.end().catch(() => undefined);
    return undefined;
  }

  const tryLock = async (lock: number): Promise<boolean> => {
    const { rows } = await client.query<{ isTaken: boolean }>(
      'SELECT pg_try_advisory_lock($1) AS "isTaken"',
      [lock],
    );
    return rows[0]?.isTaken ?? false;
  };

  return {
    async claimServing() {
      if (await tryLock(SERVER_LOCK)) return undefined;
      const { rows } = await client.query<{ name: string }>(
        `SELECT application_name AS name FROM pg_locks JOIN pg_stat_activity USING (pid)
         WHERE locktype = 'advisory' AND objid = $1 AND granted`,
        [SERVER_LOCK],
      );
      return Number(rows[0]?.name.split(' ')[1] ?? 0);
    },
    async isLast() {
      isHeld = false;
      await client.query('SELECT pg_advisory_unlock_shared($1)', [USERS_LOCK]);
      return tryLock(USERS_LOCK);
    },
    async end() {
      isHeld = false;
      await client.end().catch(() => undefined);
    },
  };
}
