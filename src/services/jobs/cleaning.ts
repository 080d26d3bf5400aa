import type { Clock } from '../platform/clock.ts';
import type { Database, Tx } from '../platform/database.ts';
import { systemViewer } from '../platform/viewer.ts';
import type { Job } from './job.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const BATCH_ROWS = 1_000;

/** Deletes up to `limit` rows that were done with before `until`; answers how many. */
type Deletion = (tx: Tx, until: Date, limit: number) => Promise<number>;

interface Cleaning {
  readonly name: string;
  /** Each at its own minute, so that they do not come all at once. */
  readonly cron: string;
  /** How long rows are kept after they are done with. */
  readonly keptMs: number;
  readonly deleteSome: Deletion;
}

/**
 * Over for a month: the person has long stopped to wonder where they were logged in. Its refresh tokens
 * go first, since they point to it.
 */
const sessions: Deletion = async (tx, until, limit) => {
  const over = await tx.$queryRaw<{ id: string }[]>`
    SELECT id FROM sessions WHERE least(expires_at, revoked_at) < ${until}
    ORDER BY least(expires_at, revoked_at) LIMIT ${limit}::int FOR UPDATE SKIP LOCKED`;
  const ids = over.map(({ id }) => id);
  await tx.$executeRaw`DELETE FROM refresh_tokens WHERE session_id = ANY(${ids}::uuid[])`;
  return tx.$executeRaw`DELETE FROM sessions WHERE id = ANY(${ids}::uuid[])`;
};

/** Links that nobody can follow any more. */
const accountTokens: Deletion = (tx, until, limit) => tx.$executeRaw`
  DELETE FROM account_tokens WHERE id IN (
    SELECT id FROM account_tokens WHERE expires_at < ${until}
    ORDER BY expires_at LIMIT ${limit}::int FOR UPDATE SKIP LOCKED)`;

/** The API promises a day. */
const idempotencyKeys: Deletion = (tx, until, limit) => tx.$executeRaw`
  DELETE FROM idempotency_keys WHERE ctid = ANY(ARRAY(
    SELECT ctid FROM idempotency_keys WHERE created_at < ${until}
    ORDER BY created_at LIMIT ${limit}::int FOR UPDATE SKIP LOCKED))`;

/** Those that wait stay, however old they are. */
const mails: Deletion = (tx, until, limit) => tx.$executeRaw`
  DELETE FROM mails WHERE id IN (
    SELECT id FROM mails WHERE status <> 'QUEUED' AND created_at < ${until}
    ORDER BY created_at LIMIT ${limit}::int FOR UPDATE SKIP LOCKED)`;

/** Questions to a device that were not answered. */
const passkeyChallenges: Deletion = (tx, until, limit) => tx.$executeRaw`
  DELETE FROM passkey_challenges WHERE challenge_hash IN (
    SELECT challenge_hash FROM passkey_challenges WHERE expires_at < ${until}
    ORDER BY expires_at LIMIT ${limit}::int)`;

const CLEANINGS: readonly Cleaning[] = [
  {
    name: 'clean-idempotency-keys',
    cron: '7 * * * *',
    keptMs: 48 * HOUR_MS,
    deleteSome: idempotencyKeys,
  },
  {
    name: 'clean-passkey-challenges',
    cron: '17 * * * *',
    keptMs: HOUR_MS,
    deleteSome: passkeyChallenges,
  },
  { name: 'clean-account-tokens', cron: '27 * * * *', keptMs: DAY_MS, deleteSome: accountTokens },
  { name: 'clean-sessions', cron: '37 3 * * *', keptMs: 30 * DAY_MS, deleteSome: sessions },
  { name: 'clean-mails', cron: '47 3 * * *', keptMs: 90 * DAY_MS, deleteSome: mails },
];

/** The jobs that delete what is done with: a batch a transaction, until nothing of it is left. */
export function cleaningJobs({
  workerDb,
  clock,
  batchRows = BATCH_ROWS,
}: {
  readonly workerDb: Database;
  readonly clock: Clock;
  readonly batchRows?: number;
}): readonly Job[] {
  return CLEANINGS.map(({ name, cron, keptMs, deleteSome }) => ({
    name,
    cron,
    run: async (signal) => {
      const until = new Date(clock.now().getTime() - keptMs);
      let count = batchRows;
      while (count === batchRows && !signal.aborted) {
        count = await workerDb.withViewer(systemViewer(), (tx) => deleteSome(tx, until, batchRows));
      }
    },
  }));
}
