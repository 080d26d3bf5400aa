import { z } from 'zod';
import { NotFound } from '../platform/errors.ts';
import { idempotent } from '../platform/idempotency.ts';
import { ownedBy } from '../platform/owner-filter.ts';
import type { Passkey, Prisma } from '../platform/prisma/client.ts';
import type { Viewer } from '../platform/viewer.ts';
import { forgetShown, recordFactorChange, type FactorChangePorts } from './factor-changes.ts';
import { requireFreshSession, type SessionViewer } from './factor-guard.ts';
import { lockFactors } from './factor-rows.ts';
import { registerPasskey, type RegisterPasskey } from './passkey-registration.ts';
import {
  requestChallenge,
  type ChallengeRequestPorts,
  type RequestChallenge,
} from './passkey-requests.ts';
import { dropCodesWithoutFactor, type RecoveryCodePorts } from './recovery-code-rows.ts';

export interface PasskeysPorts
  extends ChallengeRequestPorts, FactorChangePorts, RecoveryCodePorts {}

const uuid = z.uuid();

export type Passkeys = ReturnType<typeof createPasskeys>;

export function createPasskeys(ports: PasskeysPorts) {
  const { db, clock } = ports;

  return {
    /** See {@link requestChallenge}. */
    requestChallenge: (viewer: Viewer, request: RequestChallenge) =>
      requestChallenge(ports, viewer, request),

    /** See {@link registerPasskey}. */
    register: (viewer: Viewer, command: RegisterPasskey) => registerPasskey(ports, viewer, command),

    /** The viewer's, newest first. */
    list: (viewer: Viewer, selection: Prisma.PasskeyFindManyArgs): Promise<Passkey[]> => {
      const where = { AND: [selection.where ?? {}, ownedBy(viewer)] };
      return db.snapshot(viewer, (tx) => tx.passkey.findMany({ ...selection, where }));
    },

    count: (viewer: Viewer): Promise<number> =>
      db.snapshot(viewer, (tx) => tx.passkey.count({ where: ownedBy(viewer) })),

    /**
     * Takes a passkey of the viewer's away, and with the last factor the recovery codes. Throws
     * NotFound for any other id, SecondFactorRequired unless a factor was shown just now, or
     * IdempotencyConflict.
     */
    async remove(
      viewer: Viewer,
      command: { readonly passkeyId: string; readonly idempotencyKey: string },
    ): Promise<void> {
      const now = clock.now();
      const { passkeyId, idempotencyKey: key } = command;
      const self: SessionViewer = requireFreshSession(viewer, now);
      const { userId: ownerId } = self;
      if (!uuid.safeParse(passkeyId).success) throw new NotFound('Passkey');
      const asked = { ownerId, operation: 'removePasskey', key, command: { passkeyId }, now };
      await db.withViewer(self, (tx) =>
        idempotent(tx, asked, async () => {
          await lockFactors(tx, ownerId);
          const passkey = await tx.passkey.findFirst({ where: { id: passkeyId, ownerId } });
          if (!passkey) throw new NotFound('Passkey');
          await tx.passkey.deleteMany({ where: { id: passkeyId, ownerId } });
          await dropCodesWithoutFactor(tx, ownerId);
          await forgetShown(ports, { tx, self });
          const details = { passkeyId, name: passkey.name };
          await recordFactorChange(ports, { tx, self, change: 'PASSKEY_REMOVED', details });
          return {};
        }),
      );
    },
  };
}
