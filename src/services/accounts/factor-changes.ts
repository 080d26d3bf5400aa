import type { Audit, AuditAction } from '../audit/audit.ts';
import type { MailData } from '../notifications/mail-data.ts';
import type { Mails } from '../notifications/mails.ts';
import type { Clock } from '../platform/clock.ts';
import type { Tx } from '../platform/database.ts';
import { appendEvents } from '../platform/outbox.ts';
import type { Prisma } from '../platform/prisma/client.ts';
import { secondFactorsChanged } from './events.ts';
import type { SessionViewer } from './factor-guard.ts';

export interface FactorChangePorts {
  readonly clock: Clock;
  readonly audit: Audit;
  readonly mails: Mails;
}

const ACTIONS = {
  TOTP_ENABLED: 'user.totp-enabled',
  TOTP_DISABLED: 'user.totp-disabled',
  PASSKEY_ADDED: 'user.passkey-added',
  PASSKEY_REMOVED: 'user.passkey-removed',
  RECOVERY_CODES_RENEWED: 'user.recovery-codes-renewed',
} as const satisfies Partial<Record<FactorChange, AuditAction>>;

export type FactorChange = MailData<'second-factor-changed'>['change'];

interface Change {
  readonly tx: Tx;
  readonly self: SessionViewer;
  readonly change: keyof typeof ACTIONS;
  /** What else the audit row says. */
  readonly details?: Prisma.InputJsonObject;
}

/** Writes down that the viewer changed their factors, and tells them by mail, whoever it was. */
export async function recordFactorChange(
  { audit, mails }: FactorChangePorts,
  { tx, self, change, details }: Change,
): Promise<void> {
  await audit.record(tx, self, {
    ...{ action: ACTIONS[change], targetType: 'User', targetId: self.userId },
    ...(details && { after: details }),
  });
  await mailFactorChange(mails, { tx, ownerId: self.userId, change });
}

/** Tells a person by mail of something that was done to their factors, or with them. */
export async function mailFactorChange(
  mails: Mails,
  {
    tx,
    ownerId,
    change,
  }: { readonly tx: Tx; readonly ownerId: string; readonly change: FactorChange },
): Promise<void> {
  const { username, email } = await tx.user.findUniqueOrThrow({ where: { id: ownerId } });
  await mails.queue(tx, {
    ...{ template: 'second-factor-changed', recipient: email, ownerId },
    data: { username, change },
  });
}

/** The session of the viewer knows from now on that they showed a factor. */
export async function markFresh(tx: Tx, self: SessionViewer, now: Date): Promise<void> {
  const { sessionId: id, userId: ownerId } = self;
  await tx.session.updateMany({ where: { id, ownerId }, data: { secondFactorAt: now } });
}

/**
 * What was shown with a factor that is gone counts no more in other sessions: it may have gone
 * because somebody else has it. Their sockets are told, and come again.
 */
export async function forgetShown(
  { clock }: Pick<FactorChangePorts, 'clock'>,
  { tx, self }: Pick<Change, 'tx' | 'self'>,
): Promise<void> {
  const { userId: ownerId, sessionId } = self;
  await tx.session.updateMany({
    where: { ownerId, id: { not: sessionId }, secondFactorAt: { not: null } },
    data: { secondFactorAt: null },
  });
  await appendEvents(tx, [secondFactorsChanged({ userId: ownerId, sessionId }, clock.now())]);
}
