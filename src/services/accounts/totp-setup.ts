import { DomainError } from '../platform/errors.ts';
import { idempotent } from '../platform/idempotency.ts';
import type { Viewer } from '../platform/viewer.ts';
import { forgetShown, recordFactorChange } from './factor-changes.ts';
import { totpBinding } from './factor-codes.ts';
import { TotpAlreadyEnabled } from './factor-errors.ts';
import {
  allowNewFactor,
  guardFactors,
  requireFreshSession,
  requireOwnSession,
  type FactorGuardPorts,
} from './factor-guard.ts';
import type { FactorLimits } from './factor-limits.ts';
import { lockFactors, readFactors } from './factor-rows.ts';
import { dropCodesWithoutFactor } from './recovery-code-rows.ts';
import { confirmTotp, type TotpConfirmationPorts } from './totp-confirmation.ts';
import { newTotpSecret, totpUri } from './totp.ts';

export interface TotpSetupPorts extends FactorGuardPorts, TotpConfirmationPorts {
  readonly factorLimits: FactorLimits;
}

export type TotpSetup = ReturnType<typeof createTotpSetup>;

/**
 * The authenticator app of a person. Everything throws Unauthenticated or Forbidden without a
 * session.
 */
export function createTotpSetup(ports: TotpSetupPorts) {
  const { db, clock, sealing, factorLimits } = ports;

  return {
    /**
     * Makes a secret for an authenticator app, shown here once; it counts as soon as a first code
     * of it was right. Throws TotpAlreadyEnabled, and what {@link allowNewFactor} throws.
     */
    async enable(
      viewer: Viewer,
      { password }: { readonly password?: string | null | undefined },
    ): Promise<{ secret: string; uri: string }> {
      const self = requireOwnSession(viewer);
      const { userId: ownerId } = self;
      await allowNewFactor(ports, self, password);
      const secret = newTotpSecret(ports.randomBytes);
      const { keyId, bytes } = sealing.seal(secret, totpBinding(ownerId));
      return db.withViewer(self, async (tx) => {
        const { totpEnabledAt } = await guardFactors(tx, self, clock.now());
        if (totpEnabledAt !== null) throw new TotpAlreadyEnabled();
        await tx.totpFactor.deleteMany({ where: { ownerId } });
        const sealedSecret = Uint8Array.from(bytes);
        await tx.totpFactor.create({
          data: { ownerId, keyId, sealedSecret, createdAt: clock.now() },
        });
        const { username } = await tx.user.findUniqueOrThrow({ where: { id: ownerId } });
        return { secret, uri: totpUri({ secret, username }) };
      });
    },

    /**
     * Puts the app to work with a first code of it. Answers with recovery codes, shown here once,
     * if the person has none. Throws InvalidSecondFactor for a wrong code, NotFound when no app
     * waits for one, TotpAlreadyEnabled, SecondFactorRequired or RateLimited.
     */
    async confirm(
      viewer: Viewer,
      { code }: { readonly code: string },
    ): Promise<{ recoveryCodes: string[] | null }> {
      const self = requireOwnSession(viewer);
      await factorLimits.beforeCode(self.userId);
      const confirmed = await db.withViewer(self, (tx) => confirmTotp(ports, { tx, self, code }));
      // Thrown after the commit: the audit row of it has to stay.
      if (confirmed instanceof DomainError) throw confirmed;
      await factorLimits.afterCode(self.userId);
      return confirmed;
    },

    /**
     * Takes the app away, if there is one, and with the last factor the recovery codes. Throws
     * SecondFactorRequired unless one was shown just now, or IdempotencyConflict.
     */
    async disable(
      viewer: Viewer,
      { idempotencyKey: key }: { readonly idempotencyKey: string },
    ): Promise<void> {
      const now = clock.now();
      const self = requireFreshSession(viewer, now);
      const { userId: ownerId } = self;
      const command = { ownerId, operation: 'disableTotp', key, command: {}, now };
      await db.withViewer(self, (tx) =>
        idempotent(tx, command, async () => {
          await lockFactors(tx, ownerId);
          const { totpEnabledAt } = await readFactors(tx, ownerId);
          await tx.totpFactor.deleteMany({ where: { ownerId } });
          if (totpEnabledAt === null) return {};
          await dropCodesWithoutFactor(tx, ownerId);
          await forgetShown(ports, { tx, self });
          await recordFactorChange(ports, { tx, self, change: 'TOTP_DISABLED' });
          return {};
        }),
      );
    },
  };
}
