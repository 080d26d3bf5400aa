import type { Audit } from '../audit/audit.ts';
import type { Clock } from '../platform/clock.ts';
import type { WebAuthnConfig } from '../platform/config/config.ts';
import type { Database } from '../platform/database.ts';
import { markFresh } from './factor-changes.ts';
import { InvalidPasskey } from './factor-errors.ts';
import type { SessionViewer } from './factor-guard.ts';
import { readAssertion, verifyAssertion } from './passkey-answers.ts';
import { takeChallenge } from './passkey-challenges.ts';
import { usePasskey } from './passkey-rows.ts';
import { requireWebAuthn } from './web-authn.ts';

export interface PasskeyConfirmationPorts {
  readonly db: Database;
  readonly clock: Clock;
  readonly audit: Audit;
  readonly webAuthn: WebAuthnConfig | undefined;
}

export interface PasskeyConfirmation {
  /**
   * Takes a passkey of the viewer's that signed a challenge of theirs: it counts for 15 minutes in
   * this session. Throws InvalidPasskey for anything else.
   */
  confirm(self: SessionViewer, answer: unknown): Promise<void>;
}

export function createPasskeyConfirmation(ports: PasskeyConfirmationPorts): PasskeyConfirmation {
  const { db, clock, audit } = ports;

  /** What the device signed for; undefined unless it did, for a challenge that is used up now. */
  const check = async (self: SessionViewer, value: unknown) => {
    const webAuthn = requireWebAuthn(ports.webAuthn);
    const read = readAssertion(value);
    if (!read) return undefined;
    const { challenge, answer } = read;
    const passkey = await db.withViewer(self, async (tx) => {
      if (!(await takeChallenge(ports, tx, { challenge, purpose: 'CONFIRMATION' }))) return null;
      const credentialId = Buffer.from(answer.id, 'base64url');
      return tx.passkey.findFirst({ where: { credentialId, ownerId: self.userId } });
    });
    const { publicKey } = passkey ?? {};
    const signed = publicKey && (await verifyAssertion(read, { ...webAuthn, publicKey }));
    return passkey && signed ? { id: passkey.id, ...signed } : undefined;
  };

  return {
    async confirm(self, value) {
      const { userId: ownerId } = self;
      const signed = await check(self, value);
      const isTaken = await db.withViewer(self, async (tx) => {
        const now = clock.now();
        const isGood = signed !== undefined && (await usePasskey(tx, { ...signed, ownerId, now }));
        await audit.record(tx, self, {
          action: isGood ? 'user.second-factor-confirmed' : 'user.second-factor-refused',
          ...{ targetType: 'User', targetId: ownerId },
          after: { method: 'PASSKEY', passkeyId: signed?.id ?? null },
        });
        if (isGood) await markFresh(tx, self, now);
        return isGood;
      });
      // Thrown after the commit: the audit row of it has to stay.
      if (!isTaken) throw new InvalidPasskey();
    },
  };
}
