import type { Clock } from '../platform/clock.ts';
import type { Tx } from '../platform/database.ts';
import type { Ids } from '../platform/ids.ts';
import { methodsOf, readFactors } from './factor-rows.ts';
import { hashRecoveryCode, newRecoveryCodes } from './recovery-codes.ts';
import type { RandomBytes } from './refresh-token.ts';

export interface RecoveryCodePorts {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly randomBytes: RandomBytes;
}

/**
 * Ten fresh recovery codes in place of what is left of the old ones. Their hashes alone are kept.
 */
export async function replaceRecoveryCodes(
  { clock, ids, randomBytes }: RecoveryCodePorts,
  tx: Tx,
  ownerId: string,
): Promise<string[]> {
  const codes = newRecoveryCodes(randomBytes);
  const createdAt = clock.now();
  await tx.recoveryCode.deleteMany({ where: { ownerId } });
  await tx.recoveryCode.createMany({
    data: codes.map((code) => ({ id: ids.next(), ownerId, codeHash: hashOf(code), createdAt })),
  });
  return codes;
}

/** Recovery codes stand for a factor that is lost: without any, there is nothing to recover. */
export async function dropCodesWithoutFactor(tx: Tx, ownerId: string): Promise<void> {
  if (methodsOf(await readFactors(tx, ownerId)).length > 0) return;
  await tx.recoveryCode.deleteMany({ where: { ownerId } });
}

function hashOf(code: string): Buffer<ArrayBuffer> {
  const hash = hashRecoveryCode(code);
  if (!hash) throw new Error('A recovery code was made that is none.');
  return hash;
}
