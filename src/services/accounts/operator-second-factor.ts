import type { Audit } from '../audit/audit.ts';
import type { Mails } from '../notifications/mails.ts';
import type { Clock } from '../platform/clock.ts';
import type { Database, Tx } from '../platform/database.ts';
import { NotFound } from '../platform/errors.ts';
import { appendEvents } from '../platform/outbox.ts';
import { systemViewer } from '../platform/viewer.ts';
import { sessionEnded } from './events.ts';
import { mailFactorChange } from './factor-changes.ts';
import { lockFactors, readFactors } from './factor-rows.ts';
import { loginKey } from './names.ts';

export interface SecondFactorResetPorts {
  readonly workerDb: Database;
  readonly clock: Clock;
  readonly audit: Audit;
  readonly mails: Mails;
}

export interface SecondFactorReset {
  readonly username: string;
  readonly hadTotp: boolean;
  readonly passkeys: number;
  readonly endedSessions: number;
}

/**
 * Takes every second factor of a person away who has lost them all, with the recovery codes, and
 * ends their sessions: they log in with the password alone, and are told by mail. Whoever asks for
 * it is made sure of by people; no request reaches this. Throws NotFound for a user name that
 * nobody has.
 */
export async function resetSecondFactor(
  { workerDb, clock, audit, mails }: SecondFactorResetPorts,
  name: string,
): Promise<SecondFactorReset> {
  const viewer = systemViewer();
  return workerDb.withViewer(viewer, async (tx) => {
    const user = await tx.user.findUnique({ where: { usernameKey: loginKey(name) } });
    if (!user) throw new NotFound('User');
    const { id: ownerId, username } = user;
    await lockFactors(tx, ownerId);
    const { totpEnabledAt, passkeyCount: passkeys } = await readFactors(tx, ownerId);
    await tx.totpFactor.deleteMany({ where: { ownerId } });
    await tx.passkey.deleteMany({ where: { ownerId } });
    await tx.recoveryCode.deleteMany({ where: { ownerId } });
    await tx.passkeyChallenge.deleteMany({ where: { ownerId } });
    const endedSessions = await endSessions(tx, ownerId, clock.now());
    const did = { hadTotp: totpEnabledAt !== null, passkeys, endedSessions };
    await audit.record(tx, viewer, {
      ...{ action: 'user.second-factor-reset', targetType: 'User', targetId: ownerId },
      after: did,
    });
    await mailFactorChange(mails, { tx, ownerId, change: 'RESET' });
    return { username, ...did };
  });
}

async function endSessions(tx: Tx, ownerId: string, now: Date): Promise<number> {
  const open = await tx.$queryRaw<{ id: string }[]>`
    UPDATE sessions SET revoked_at = ${now}
    WHERE owner_id = ${ownerId}::uuid AND revoked_at IS NULL AND expires_at > ${now}
    RETURNING id`;
  const reason = 'SECOND_FACTOR_RESET';
  await appendEvents(
    tx,
    open.map(({ id }) => sessionEnded({ id, ownerId, reason }, now)),
  );
  return open.length;
}
