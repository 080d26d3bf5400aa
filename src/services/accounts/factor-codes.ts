import type { Clock } from '../platform/clock.ts';
import type { Tx } from '../platform/database.ts';
import type { Sealing } from '../platform/sealing.ts';
import { hashRecoveryCode } from './recovery-codes.ts';
import type { SecondFactorMethod } from './second-factor.ts';
import { stepOfCode } from './totp.ts';

export interface FactorCodesPorts {
  readonly clock: Clock;
  readonly sealing: Sealing;
}

const TOTP_CODE = /^\d{6}$/;

/** What binds the sealed secret of an authenticator app to its person. */
export const totpBinding = (ownerId: string) => ({ purpose: 'totp', ownerId, rowId: ownerId });

/**
 * Uses up a code that a person typed: six digits of their authenticator app, or a recovery code.
 * Which of the two it was; undefined for a code that is wrong or was used before. Of two who bring
 * the same code at once, one alone is let in.
 */
export async function takeCode(
  ports: FactorCodesPorts,
  { tx, ownerId, code }: { readonly tx: Tx; readonly ownerId: string; readonly code: string },
): Promise<SecondFactorMethod | undefined> {
  const digits = code.replaceAll(/\s/g, '');
  if (TOTP_CODE.test(digits)) {
    return (await takeTotp(ports, { tx, ownerId, code: digits })) ? 'TOTP' : undefined;
  }
  const codeHash = hashRecoveryCode(code);
  if (!codeHash) return undefined;
  const { count } = await tx.recoveryCode.updateMany({
    where: { ownerId, codeHash, usedAt: null },
    data: { usedAt: ports.clock.now() },
  });
  return count === 1 ? 'RECOVERY_CODE' : undefined;
}

async function takeTotp(
  { clock, sealing }: FactorCodesPorts,
  { tx, ownerId, code }: { readonly tx: Tx; readonly ownerId: string; readonly code: string },
): Promise<boolean> {
  const factor = await tx.totpFactor.findUnique({ where: { ownerId } });
  if (!factor?.confirmedAt) return false;
  const { keyId, sealedSecret: bytes } = factor;
  const secret = sealing.open({ keyId, bytes }, totpBinding(ownerId));
  const step = stepOfCode(secret, { code, now: clock.now() });
  if (step === undefined) return false;
  // Steps go forward: neither the same code nor an older one is taken after it (RFC 6238, 5.2).
  const { count } = await tx.totpFactor.updateMany({
    where: { ownerId, OR: [{ lastUsedStep: null }, { lastUsedStep: { lt: step } }] },
    data: { lastUsedStep: step },
  });
  return count === 1;
}
