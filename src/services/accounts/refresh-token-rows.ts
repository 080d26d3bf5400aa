import type { Tx } from '../platform/database.ts';
import type { UserRole } from '../platform/prisma/enums.ts';
import type { RefreshTokenState } from './refresh-verdict.ts';

export interface StoredRefreshToken extends RefreshTokenState {
  readonly id: string;
  readonly sessionId: string;
  readonly userId: string;
  readonly role: UserRole;
  readonly tokenVersion: number;
}

/** The token of a hash, whoever asks: who brings one is not logged in. */
export async function findRefreshToken(
  tx: Tx,
  tokenHash: Uint8Array,
): Promise<StoredRefreshToken | undefined> {
  const [found] = await tx.$queryRaw<StoredRefreshToken[]>`
    SELECT id, session_id AS "sessionId", user_id AS "userId", role::text, status::text,
      token_version AS "tokenVersion", expires_at AS "expiresAt", used_at AS "usedAt",
      sealed_next AS "sealedNext", session_expires_at AS "sessionExpiresAt",
      revoked_at AS "revokedAt"
    FROM find_refresh_token(${tokenHash})`;
  return found;
}

export interface NewRefreshToken {
  readonly id: string;
  readonly sessionId: string;
  readonly ownerId: string;
  readonly tokenHash: Uint8Array;
  readonly createdAt: Date;
  readonly expiresAt: Date;
}

/** Not `create`: the server's role may write these rows and not read them. */
export async function insertRefreshToken(tx: Tx, token: NewRefreshToken): Promise<void> {
  const { id, sessionId, ownerId, tokenHash, createdAt, expiresAt } = token;
  await tx.$executeRaw`
    INSERT INTO refresh_tokens (id, session_id, owner_id, token_hash, created_at, expires_at)
    VALUES (${id}::uuid, ${sessionId}::uuid, ${ownerId}::uuid, ${tokenHash}, ${createdAt},
      ${expiresAt})`;
}

/** Uses up a token of the viewer's; what is left of its session's older ones goes. */
export async function useRefreshToken(
  tx: Tx,
  { id, usedAt, sealedNext }: { id: string; usedAt: Date; sealedNext: Uint8Array },
): Promise<void> {
  await tx.$executeRaw`SELECT use_refresh_token(${id}::uuid, ${usedAt}, ${sealedNext})`;
}
