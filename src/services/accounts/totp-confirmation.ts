import type { Tx } from '../platform/database.ts';
import { NotFound } from '../platform/errors.ts';
import type { TotpFactor } from '../platform/prisma/client.ts';
import { markFresh, recordFactorChange, type FactorChangePorts } from './factor-changes.ts';
import { totpBinding, type FactorCodesPorts } from './factor-codes.ts';
import { InvalidSecondFactor, TotpAlreadyEnabled } from './factor-errors.ts';
import { guardFactors, type SessionViewer } from './factor-guard.ts';
import { replaceRecoveryCodes, type RecoveryCodePorts } from './recovery-code-rows.ts';
import { stepOfCode } from './totp.ts';

export interface TotpConfirmationPorts
  extends FactorChangePorts, FactorCodesPorts, RecoveryCodePorts {}

/** How long a secret waits for its first code. */
const WAITING_MS = 15 * 60 * 1_000;

/**
 * Puts an authenticator app to work with its first code. Answers with an error for a wrong one,
 * whose audit row has to stay; throws NotFound when no app waits, TotpAlreadyEnabled or
 * SecondFactorRequired.
 */
export async function confirmTotp(
  ports: TotpConfirmationPorts,
  { tx, self, code }: { readonly tx: Tx; readonly self: SessionViewer; readonly code: string },
): Promise<{ recoveryCodes: string[] | null } | InvalidSecondFactor> {
  const { clock, audit } = ports;
  const { userId: ownerId } = self;
  const now = clock.now();
  const { recoveryCodesLeft } = await guardFactors(tx, self, now);
  const factor = await tx.totpFactor.findUnique({ where: { ownerId } });
  const step = firstStep(ports, factor, code);
  if (step === undefined) {
    const refused = { action: 'user.second-factor-refused', targetType: 'User' } as const;
    await audit.record(tx, self, { ...refused, targetId: ownerId });
    return new InvalidSecondFactor();
  }
  const data = { confirmedAt: now, lastUsedStep: step };
  await tx.totpFactor.updateMany({ where: { ownerId }, data });
  await markFresh(tx, self, now);
  await recordFactorChange(ports, { tx, self, change: 'TOTP_ENABLED' });
  const isFirst = recoveryCodesLeft === 0;
  return { recoveryCodes: isFirst ? await replaceRecoveryCodes(ports, tx, ownerId) : null };
}

/** The step of a first code; undefined for a wrong one. Throws when no app waits for one. */
function firstStep(
  { clock, sealing }: FactorCodesPorts,
  factor: TotpFactor | null,
  code: string,
): bigint | undefined {
  if (factor?.confirmedAt) throw new TotpAlreadyEnabled();
  const now = clock.now();
  if (!factor || now.getTime() - factor.createdAt.getTime() > WAITING_MS) {
    throw new NotFound('An authenticator app that waits for its first code');
  }
  const { keyId, sealedSecret: bytes, ownerId } = factor;
  const secret = sealing.open({ keyId, bytes }, totpBinding(ownerId));
  return stepOfCode(secret, { code: code.replaceAll(/\s/g, ''), now });
}
