import type { Database } from '../platform/database.ts';
import { DomainError, InvalidInput } from '../platform/errors.ts';
import { idempotent } from '../platform/idempotency.ts';
import { isAuthenticated, requireUser, type Viewer } from '../platform/viewer.ts';
import {
  mailFactorChange,
  markFresh,
  recordFactorChange,
  type FactorChangePorts,
} from './factor-changes.ts';
import { takeCode, type FactorCodesPorts } from './factor-codes.ts';
import { InvalidSecondFactor, SecondFactorRequired } from './factor-errors.ts';
import { requireFreshSession, requireOwnSession, type SessionViewer } from './factor-guard.ts';
import type { FactorLimits } from './factor-limits.ts';
import { lockFactors, methodsOf, readFactors, type Factors } from './factor-rows.ts';
import type { PasskeyConfirmation } from './passkey-confirmation.ts';
import { replaceRecoveryCodes, type RecoveryCodePorts } from './recovery-code-rows.ts';
import { FRESH_SECONDS, type SecondFactorMethod } from './second-factor.ts';

export interface SecondFactorsPorts extends FactorChangePorts, FactorCodesPorts, RecoveryCodePorts {
  readonly db: Database;
  readonly factorLimits: FactorLimits;
  readonly passkeys: PasskeyConfirmation;
}

/** What a person sees of their factors. */
export interface SecondFactorsOverview extends Pick<
  Factors,
  'totpEnabledAt' | 'recoveryCodesLeft'
> {
  /**
   * Until when what was shown in this session counts; null if nothing was, or it counts no more.
   */
  readonly freshUntil: Date | null;
}

export interface ConfirmSecondFactor {
  readonly code?: string | null | undefined;
  /** What a device answered to a challenge. */
  readonly passkey?: unknown;
}

export type SecondFactors = ReturnType<typeof createSecondFactors>;

export function createSecondFactors(ports: SecondFactorsPorts) {
  const { db, clock, factorLimits } = ports;

  return {
    /** Throws Unauthenticated for nobody. */
    async overview(viewer: Viewer): Promise<SecondFactorsOverview> {
      const { userId: ownerId, sessionId } = requireUser(viewer);
      return db.snapshot(viewer, async (tx) => {
        const { totpEnabledAt, recoveryCodesLeft } = await readFactors(tx, ownerId);
        // Not the viewer's: a mutation may have changed it since they came.
        const session =
          sessionId === null
            ? null
            : await tx.session.findFirst({ where: { id: sessionId, ownerId } });
        const until = session?.secondFactorAt && untilWhen(session.secondFactorAt);
        const freshUntil = until && until > clock.now() ? until : null;
        return { totpEnabledAt, recoveryCodesLeft, freshUntil };
      });
    },

    /** What the viewer can show; nothing for nobody. */
    async methods(viewer: Viewer): Promise<SecondFactorMethod[]> {
      if (!isAuthenticated(viewer)) return [];
      return methodsOf(await db.snapshot(viewer, (tx) => readFactors(tx, viewer.userId)));
    },

    /**
     * Takes a factor that the viewer shows: a code of their authenticator app, a recovery code, or
     * a passkey. It counts for 15 minutes, in this session alone. Throws InvalidSecondFactor,
     * InvalidPasskey, RateLimited, SecondFactorRequired for who has no factor at all, and
     * InvalidInput unless just one was given.
     */
    async confirm(
      viewer: Viewer,
      { code, passkey }: ConfirmSecondFactor,
    ): Promise<{ freshUntil: Date; method: SecondFactorMethod }> {
      const self = requireOwnSession(viewer);
      const isCode = typeof code === 'string';
      if (isCode === (passkey !== undefined && passkey !== null)) {
        throw new InvalidInput('input', 'Give either a code or the answer of a passkey.');
      }
      const methods = methodsOf(
        await db.snapshot({ ...self }, (tx) => readFactors(tx, self.userId)),
      );
      if (methods.length === 0) throw new SecondFactorRequired([]);
      if (!isCode) {
        await ports.passkeys.confirm(self, passkey);
        return { freshUntil: untilWhen(clock.now()), method: 'PASSKEY' };
      }
      await factorLimits.beforeCode(self.userId);
      const method = await confirmCode(ports, self, code);
      if (method instanceof DomainError) throw method;
      await factorLimits.afterCode(self.userId);
      return { freshUntil: untilWhen(clock.now()), method };
    },

    /**
     * Gives ten fresh recovery codes, shown here once, and makes the old ones void; null when the
     * key came before. Throws SecondFactorRequired unless one was shown just now, and for who has
     * none any more, or IdempotencyConflict.
     */
    async renewRecoveryCodes(
      viewer: Viewer,
      { idempotencyKey: key }: { readonly idempotencyKey: string },
    ): Promise<{ recoveryCodes: string[] | null }> {
      const now = clock.now();
      const self = requireFreshSession(viewer, now);
      const { userId: ownerId } = self;
      const command = { ownerId, operation: 'renewRecoveryCodes', key, command: {}, now };
      let recoveryCodes: string[] | null = null;
      await db.withViewer(self, (tx) =>
        idempotent(tx, command, async () => {
          await lockFactors(tx, ownerId);
          const methods = methodsOf(await readFactors(tx, ownerId));
          if (methods.length === 0) throw new SecondFactorRequired([]);
          recoveryCodes = await replaceRecoveryCodes(ports, tx, ownerId);
          await recordFactorChange(ports, { tx, self, change: 'RECOVERY_CODES_RENEWED' });
          return {};
        }),
      );
      return { recoveryCodes };
    },
  };
}

/** Answers with an error for a wrong code, whose audit row has to stay. */
function confirmCode(ports: SecondFactorsPorts, self: SessionViewer, code: string) {
  return ports.db.withViewer(self, async (tx) => {
    const { userId: ownerId } = self;
    const method = await takeCode(ports, { tx, ownerId, code });
    await ports.audit.record(tx, self, {
      action: method ? 'user.second-factor-confirmed' : 'user.second-factor-refused',
      ...{ targetType: 'User', targetId: ownerId },
      ...(method && { after: { method } }),
    });
    if (!method) return new InvalidSecondFactor();
    await markFresh(tx, self, ports.clock.now());
    if (method === 'RECOVERY_CODE') {
      await mailFactorChange(ports.mails, { tx, ownerId, change: 'RECOVERY_CODE_USED' });
    }
    return method;
  });
}

const untilWhen = (shownAt: Date): Date => new Date(shownAt.getTime() + FRESH_SECONDS * 1_000);
