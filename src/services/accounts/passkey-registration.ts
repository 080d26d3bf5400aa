import type { WebAuthnConfig } from '../platform/config/config.ts';
import type { Tx } from '../platform/database.ts';
import { Prisma, type Passkey } from '../platform/prisma/client.ts';
import type { Viewer } from '../platform/viewer.ts';
import { markFresh, recordFactorChange, type FactorChangePorts } from './factor-changes.ts';
import { InvalidPasskey, TooManyPasskeys } from './factor-errors.ts';
import {
  guardFactors,
  requireOwnSession,
  type FactorGuardPorts,
  type SessionViewer,
} from './factor-guard.ts';
import { readRegistration, verifyRegistration, type NewPasskey } from './passkey-answers.ts';
import { takeChallenge } from './passkey-challenges.ts';
import { replaceRecoveryCodes, type RecoveryCodePorts } from './recovery-code-rows.ts';
import { requireWebAuthn } from './web-authn.ts';

/** More than anyone has devices. */
export const PASSKEYS_MAX = 20;

export interface PasskeyRegistrationPorts
  extends FactorGuardPorts, FactorChangePorts, RecoveryCodePorts {
  readonly webAuthn: WebAuthnConfig | undefined;
}

export interface RegisterPasskey {
  readonly name: string;
  /** What the device answered to a challenge for a registration. */
  readonly response: unknown;
}

export interface RegisteredPasskey {
  readonly passkey: Passkey;
  /** Shown here once; null for who has some from before. */
  readonly recoveryCodes: string[] | null;
}

/**
 * Keeps a passkey that a device made for a challenge of the viewer's, and counts as shown with it.
 * Throws InvalidPasskey for any other answer, and for a passkey that somebody has already;
 * TooManyPasskeys; and SecondFactorRequired if there is a factor by now and none was shown.
 */
export async function registerPasskey(
  ports: PasskeyRegistrationPorts,
  viewer: Viewer,
  { name, response }: RegisterPasskey,
): Promise<RegisteredPasskey> {
  const webAuthn = requireWebAuthn(ports.webAuthn);
  const self = requireOwnSession(viewer);
  const read = readRegistration(response);
  if (!read) throw new InvalidPasskey();
  const { challenge } = read;
  const isAsked = await ports.db.withViewer(self, (tx) =>
    takeChallenge(ports, tx, { challenge, purpose: 'REGISTRATION' }),
  );
  const made = isAsked ? await verifyRegistration(read, webAuthn) : undefined;
  if (!made) throw new InvalidPasskey();
  try {
    return await ports.db.withViewer(self, (tx) => keep(ports, { tx, self, made, name }));
  } catch (error) {
    // Whether somebody else has it is not told.
    if (isTaken(error)) throw new InvalidPasskey();
    throw error;
  }
}

interface Kept {
  readonly tx: Tx;
  readonly self: SessionViewer;
  readonly made: NewPasskey;
  readonly name: string;
}

async function keep(
  ports: PasskeyRegistrationPorts,
  { tx, self, made, name }: Kept,
): Promise<RegisteredPasskey> {
  const { clock, ids } = ports;
  const { userId: ownerId } = self;
  const now = clock.now();
  const { passkeyCount, recoveryCodesLeft } = await guardFactors(tx, self, now);
  if (passkeyCount >= PASSKEYS_MAX) throw new TooManyPasskeys(PASSKEYS_MAX);
  const row = { id: ids.next(), ownerId, name, createdAt: now, lastUsedAt: null };
  const passkey = await tx.passkey.create({ data: { ...row, ...made } });
  // A secret that waits for its first code may be a stranger's.
  await tx.totpFactor.deleteMany({ where: { ownerId, confirmedAt: null } });
  await markFresh(tx, self, now);
  const details = { passkeyId: passkey.id, name };
  await recordFactorChange(ports, { tx, self, change: 'PASSKEY_ADDED', details });
  const isFirst = recoveryCodesLeft === 0;
  return {
    passkey,
    recoveryCodes: isFirst ? await replaceRecoveryCodes(ports, tx, ownerId) : null,
  };
}

function isTaken(error: unknown): boolean {
  return error instanceof Prisma.PrismaClientKnownRequestError && error.code === 'P2002';
}
