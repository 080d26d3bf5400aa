import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { cleaningJobs } from '../../../src/services/jobs/cleaning.ts';
import { createTestDatabase } from '../../support/database.ts';
import { createFixedClock } from '../../support/fixed-clock.ts';

const NOW = '2026-11-21T12:00:00Z';
const { query, worker } = await createTestDatabase();
const clock = createFixedClock(NOW);
// Batches of two, so that three rows take two of them.
const jobs = new Map(
  cleaningJobs({ workerDb: worker, clock, batchRows: 2 }).map((job) => [job.name, job]),
);
const run = (name: string, signal = new AbortController().signal) => jobs.get(name)?.run(signal);
const ownerId = randomUUID();
await query(
  `INSERT INTO users (id, username, username_key, email, email_key, password_hash, role, status,
     token_version, created_at, updated_at)
   VALUES ($1, 'ada', 'ada', 'ada@example.com', 'ada@example.com', '', 'USER', 'ACTIVE', 0, $2, $2)`,
  [ownerId, NOW],
);

const before = (days: number, minutes = 0) =>
  new Date(Date.parse(NOW) - (days * 1_440 + minutes) * 60_000).toISOString();
const idsIn = async (table: string, column = 'id') => {
  const rows = await query<{ id: string }>(`SELECT ${column}::text AS id FROM ${table} ORDER BY 1`);
  return rows.map(({ id }) => id);
};

it('sessions that are over for 30 days go, with their refresh tokens', async () => {
  const add = async (expiresAt: string, revokedAt: string | null) => {
    const id = randomUUID();
    await query(
      `INSERT INTO sessions (id, owner_id, created_at, last_used_at, expires_at, revoked_at)
       VALUES ($1, $2, $3, $3, $4, $5)`,
      [id, ownerId, before(200), expiresAt, revokedAt],
    );
    await query(
      `INSERT INTO refresh_tokens (id, owner_id, session_id, token_hash, created_at, expires_at)
       VALUES (gen_random_uuid(), $1, $2::uuid, sha256($2::text::bytea), $3, $4)`,
      [ownerId, id, before(200), expiresAt],
    );
    return id;
  };
  await add(before(30, 1), null);
  await add(before(100), null);
  // Ended long before it would have run out.
  await add(before(0, -60), before(30, 1));
  const kept = [
    await add(before(29), null),
    await add(before(0, -60), null),
    await add(before(0, -60), before(29)),
  ].sort();
  await run('clean-sessions');
  expect(await idsIn('sessions')).toEqual(kept);
  expect(await idsIn('refresh_tokens', 'session_id')).toEqual(kept);
});

it('links that ran out a day ago go', async () => {
  const add = async (expiresAt: string) => {
    const id = randomUUID();
    await query(
      `INSERT INTO account_tokens (id, owner_id, purpose, token_hash, email_key, created_at, expires_at)
       VALUES ($1::uuid, $2, 'PASSWORD_RESET', sha256($1::text::bytea), 'ada@example.com', $3, $4)`,
      [id, ownerId, before(9), expiresAt],
    );
    return id;
  };
  for (const days of [2, 3, 4]) await add(before(days));
  const kept = [await add(before(0, 60)), await add(before(0, -60))].sort();
  await run('clean-account-tokens');
  expect(await idsIn('account_tokens')).toEqual(kept);
});

it('idempotency keys go after two days', async () => {
  const add = (key: string, createdAt: string) =>
    query(
      `INSERT INTO idempotency_keys (owner_id, operation, key, command_hash, created_at)
       VALUES ($1, 'createModel', $2, 'hash', $3)`,
      [ownerId, key, createdAt],
    );
  for (const key of ['old 1', 'old 2', 'old 3']) await add(key, before(2, 1));
  await add('new', before(1, 1_439));
  await run('clean-idempotency-keys');
  expect(await idsIn('idempotency_keys', 'key')).toEqual(['new']);
});

it('mails that are done with go after 90 days; those that wait stay', async () => {
  const add = async (status: string, createdAt: string) => {
    const id = randomUUID();
    await query(
      `INSERT INTO mails (id, owner_id, recipient, template, data, status, attempts, created_at,
         sent_at, next_attempt_at)
       VALUES ($1, $2, 'ada@example.com', 'account-enabled', '{}', $3::mail_status, 1, $4,
         CASE WHEN $3 = 'SENT' THEN $4::timestamptz END,
         CASE WHEN $3 = 'QUEUED' THEN $4::timestamptz END)`,
      [id, ownerId, status, createdAt],
    );
    return id;
  };
  for (const status of ['SENT', 'FAILED', 'DROPPED']) await add(status, before(90, 1));
  const kept = [await add('QUEUED', before(200)), await add('SENT', before(89))].sort();
  await run('clean-mails');
  expect(await idsIn('mails')).toEqual(kept);
});

it('questions to devices go an hour after they ran out', async () => {
  const add = (text: string, expiresAt: string) =>
    query(
      `INSERT INTO passkey_challenges (challenge_hash, purpose, owner_id, expires_at)
       VALUES (sha256($1::bytea), 'LOG_IN', NULL, $2)`,
      [text, expiresAt],
    );
  for (const text of ['one', 'two', 'three']) await add(text, before(0, 61));
  await add('new', before(0, 59));
  await run('clean-passkey-challenges');
  const rows = await query(
    'SELECT challenge_hash = sha256($1::bytea) AS is_new FROM passkey_challenges',
    ['new'],
  );
  expect(rows).toEqual([{ is_new: true }]);
});

it('a job that is told to leave off does so after a batch', async () => {
  const add = (key: string) =>
    query(
      `INSERT INTO idempotency_keys (owner_id, operation, key, command_hash, created_at)
       VALUES ($1, 'startModel', $2, 'hash', $3)`,
      [ownerId, key, before(3)],
    );
  for (const key of ['1', '2', '3', '4', '5']) await add(key);
  await run('clean-idempotency-keys', AbortSignal.abort());
  expect((await idsIn('idempotency_keys', 'key')).filter((key) => key !== 'new')).toHaveLength(5);
});
