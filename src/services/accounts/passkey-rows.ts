import type { Tx } from '../platform/database.ts';
import type { UserRole, UserStatus } from '../platform/prisma/enums.ts';

/** A passkey with its person as they are now. */
export interface FoundPasskey {
  readonly id: string;
  readonly publicKey: Uint8Array;
  readonly userId: string;
  readonly role: UserRole;
  readonly status: UserStatus;
  readonly tokenVersion: number;
}

/** The passkey of a credential's id (in base64url), whoever asks: who logs in is not known yet. */
export async function findPasskey(tx: Tx, credentialId: string): Promise<FoundPasskey | undefined> {
  const [found] = await tx.$queryRaw<FoundPasskey[]>`
    SELECT id, public_key AS "publicKey", user_id AS "userId", role::text, status::text,
      token_version AS "tokenVersion"
    FROM find_passkey(${Buffer.from(credentialId, 'base64url')})`;
  return found;
}

interface PasskeyUse {
  readonly id: string;
  readonly ownerId: string;
  /** What the device says that it has signed so often; 0 where it does not count. */
  readonly counter: bigint;
  readonly isBackedUp: boolean;
  readonly now: Date;
}

/**
 * Writes down that a passkey of the viewer of `tx` was used. False, with nothing written, when its
 * counter did not go forward: then there are two of it (Web Authentication, 6.1.1).
 */
export async function usePasskey(tx: Tx, use: PasskeyUse): Promise<boolean> {
  const { id, ownerId, counter, isBackedUp, now } = use;
  const isCounted = counter > 0n;
  const { count } = await tx.passkey.updateMany({
    where: { id, ownerId, counter: isCounted ? { lt: counter } : 0n },
    data: { counter, isBackedUp, lastUsedAt: now },
  });
  return count === 1;
}
