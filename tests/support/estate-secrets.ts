import { randomBytes } from 'node:crypto';
import type { Config } from '../../src/services/platform/config/config.ts';
import { createSealing, type Binding } from '../../src/services/platform/sealing.ts';
import type { TestDatabase } from './database.ts';
import type { Person } from './people.ts';

/** A mail that was refused. It is about nobody, so that no row of a person changes with it. */
export const FAILED_MAIL = '01930000-0000-7000-8000-00000000fa11';

/** What the person says of themselves, and a row in every table of keys, factors, secrets and mails, past every wall. */
export async function addSecrets({ query }: TestDatabase, { id, email }: Person): Promise<void> {
  const inserts = [
    `account_tokens (id, owner_id, purpose, token_hash, email_key, created_at, expires_at)
     VALUES (gen_random_uuid(), $1, 'PASSWORD_RESET', sha256('token'), $2, now(), now() + '1 hour')`,
    `totp_factors (owner_id, key_id, sealed_secret, created_at)
     VALUES ($1, 'development', 'sealed', now())`,
    `recovery_codes (id, owner_id, code_hash, created_at)
     VALUES (gen_random_uuid(), $1, sha256('code'), now())`,
    `passkeys (id, owner_id, credential_id, public_key, counter, transports, is_backed_up, name,
       created_at, last_used_at)
     VALUES (gen_random_uuid(), $1, 'credential', 'key', 0, '{}', false, 'Key of the owner', now(), now())`,
    // One that is still there when the last test looks.
    `passkey_challenges (challenge_hash, purpose, owner_id, expires_at)
     VALUES (sha256('challenge'), 'CONFIRMATION', $1, now() + '1 day')`,
    `api_keys (id, owner_id, name, environment, prefix, key_hash, scopes, networks,
       requests_per_minute, created_at, expires_at, last_used_at, last_used_address, revoked_at)
     VALUES (gen_random_uuid(), $1, 'Key of the owner', 'TEST', 'tg_test_0000', sha256('key'),
       '{READ}', '{192.0.2.0/24}', 60, now(), now() + '1 year', now(), '192.0.2.78', now())`,
    `credentials (id, owner_id, kind, provider, name, key_id, sealed_value, fingerprint, created_at,
       updated_at, last_used_at)
     VALUES (gen_random_uuid(), $1, 'BROKER', 'alpaca', 'Broker of the owner', 'development', 'sealed',
       'f1f1', now(), now(), now())`,
    // One that waits for long: it would send what happens while a test goes on.
    `webhooks (id, owner_id, url, types, state, cursor, attempt, next_attempt_at, last_delivered_at,
       last_failed_at, last_failure_code, last_failure, epoch, created_at, updated_at)
     VALUES (gen_random_uuid(), $1, 'https://hooks.example.com/of-the-owner', '{OrderChanged}', 'RETRYING',
       0, 1, now() + interval '1 year', now(), now(), 'BAD_STATUS', 'It answered with the status 500.',
       1, now(), now())`,
    `webhook_secrets (id, owner_id, webhook_id, key_id, sealed_value, created_at)
     SELECT gen_random_uuid(), owner_id, id, 'development', sha256('sealed'), created_at
     FROM webhooks WHERE owner_id = $1`,
    `mails (id, owner_id, recipient, template, data, status, attempts, created_at, sent_at)
     VALUES (gen_random_uuid(), $1, $2, 'account-approved', '{}', 'SENT', 1, now(), now())`,
    `mails (id, owner_id, recipient, template, data, status, attempts, created_at, next_attempt_at)
     VALUES (gen_random_uuid(), $1, $2, 'account-approved', '{}', 'QUEUED', 0, now(), now() + interval '1 year')`,
    `mails (id, owner_id, recipient, template, data, status, attempts, created_at, last_error)
     VALUES ('${FAILED_MAIL}', nullif($1::uuid, $1::uuid), $2, 'account-enabled', '{}', 'FAILED', 1, now(), 'No such person')`,
  ];
  await query(
    `UPDATE users SET full_name = 'Ada, the owner', email_verified_at = now() WHERE id = $1`,
    [id],
  );
  for (const insert of inserts) {
    const values = insert.includes('$2') ? [id, email] : [id];
    await query(`INSERT INTO ${insert}`, values);
  }
}

/** Seals what stands for secrets in the estate, so that a program which starts beside it can open it. */
export async function sealSecrets(
  { query }: TestDatabase,
  { id: ownerId }: Person,
  { vault }: Pick<Config, 'vault'>,
): Promise<void> {
  const sealing = createSealing(vault.keys, randomBytes);
  const seal = async (table: string, bytes: string, binding: Binding, where: string) => {
    const sealed = sealing.seal('a secret of the estate', binding);
    await query(`UPDATE ${table} SET key_id = $1, ${bytes} = $2 WHERE ${where} = $3`, [
      sealed.keyId,
      sealed.bytes,
      binding.rowId,
    ]);
  };
  const totp = { purpose: 'totp', ownerId, rowId: ownerId };
  await seal('totp_factors', 'sealed_secret', totp, 'owner_id');
  const credentials = await query<{ id: string }>('SELECT id FROM credentials');
  for (const { id: rowId } of credentials) {
    const binding = { purpose: 'credential', ownerId, rowId };
    await seal('credentials', 'sealed_value', binding, 'id');
  }
  const ofWebhooks = await query<{ id: string }>('SELECT id FROM webhook_secrets');
  for (const { id: rowId } of ofWebhooks) {
    await seal('webhook_secrets', 'sealed_value', { purpose: 'webhook', ownerId, rowId }, 'id');
  }
  const provider = { purpose: 'ai-provider', ownerId: 'platform', rowId: 'deepseek' };
  await seal('ai_providers', 'sealed_key', provider, 'name');
}
