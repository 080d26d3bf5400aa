import type { Database, Tx } from '../platform/database.ts';
import { HEAD_POSITION } from '../platform/event-log/head-position.ts';
import { Prisma } from '../platform/prisma/client.ts';
import type { ApiKeyEnvironment, ApiKeyScope, UserRole } from '../platform/prisma/enums.ts';
import type { UserStatus } from '../platform/prisma/enums.ts';

/** A key with its owner as they are now. */
export interface ApiKeyRow {
  readonly id: string;
  readonly userId: string;
  readonly role: UserRole;
  readonly status: UserStatus;
  readonly environment: ApiKeyEnvironment;
  readonly scopes: readonly ApiKeyScope[];
  readonly networks: readonly string[];
  readonly requestsPerMinute: number | null;
  readonly expiresAt: Date | null;
  readonly revokedAt: Date | null;
}

/**
 * The key of a hash, whoever asks: who brings it is not known yet. With the head of the event log
 * of the same moment: what revokes the key later, and so its event, lies behind it.
 */
export async function findApiKey(
  db: Pick<Database, 'lookUp'>,
  keyHash: Uint8Array,
): Promise<(ApiKeyRow & { readonly head: bigint }) | undefined> {
  const [key] = await db.lookUp<ApiKeyRow & { readonly head: string }>(Prisma.sql`
    SELECT id, user_id AS "userId", role::text, status::text, environment::text,
      scopes::text[], networks, requests_per_minute AS "requestsPerMinute",
      expires_at AS "expiresAt", revoked_at AS "revokedAt", ${HEAD_POSITION} AS head
    FROM find_api_key(${keyHash})`);
  return key && { ...key, head: BigInt(key.head) };
}

export interface NewApiKeyRow {
  readonly id: string;
  readonly ownerId: string;
  readonly name: string;
  readonly environment: ApiKeyEnvironment;
  readonly prefix: string;
  readonly keyHash: Uint8Array;
  readonly scopes: readonly ApiKeyScope[];
  readonly networks: readonly string[];
  readonly requestsPerMinute: number | null;
  readonly expiresAt: Date | null;
  readonly createdAt: Date;
}

/** By hand, since Prisma would read the hash back, which the server's role may not. */
export async function insertApiKey(tx: Tx, key: NewApiKeyRow): Promise<void> {
  await tx.$executeRaw`
    INSERT INTO api_keys (id, owner_id, name, environment, prefix, key_hash, scopes, networks,
      requests_per_minute, expires_at, created_at)
    VALUES (${key.id}::uuid, ${key.ownerId}::uuid, ${key.name},
      ${key.environment}::api_key_environment, ${key.prefix}, ${key.keyHash},
      ${[...key.scopes]}::text[]::api_key_scope[], ${[...key.networks]}::text[],
      ${key.requestsPerMinute}, ${key.expiresAt}, ${key.createdAt})`;
}

/**
 * Keeps others of the person from making a key until this transaction ends, so that none is one too
 * many.
 */
export async function lockApiKeysOf(tx: Tx, ownerId: string): Promise<void> {
  await tx.$executeRaw`
    SELECT pg_advisory_xact_lock(hashtextextended(${`tradegraph.api_keys:${ownerId}`}, 0))`;
}
