import type { Audit, AuditAction } from '../audit/audit.ts';
import type { Clock } from '../platform/clock.ts';
import type { Tx } from '../platform/database.ts';
import { appendEvents } from '../platform/outbox.ts';
import type { AuthenticatedViewer } from '../platform/viewer.ts';
import { sessionEnded, type SessionEndReason } from './events.ts';

interface EndSessionPorts {
  readonly clock: Clock;
  readonly audit: Audit;
}

interface SessionToEnd {
  readonly tx: Tx;
  /** Whose session it is. */
  readonly viewer: AuthenticatedViewer;
  readonly sessionId: string;
  readonly reason: SessionEndReason;
}

const ACTIONS = {
  ENDED: 'user.session-ended',
  LOGGED_OUT: 'user.logged-out',
  PASSWORD_CHANGED: 'user.session-ended',
  SECOND_FACTOR_RESET: 'user.session-ended',
  TOKEN_REUSED: 'user.refresh-token-reused',
} as const satisfies Record<SessionEndReason, AuditAction>;

/**
 * Ends an open session of the viewer's: its tokens are void, and its streams end. Whether there was
 * one; a session that has ended already stays as it is.
 */
export async function endSession(
  { clock, audit }: EndSessionPorts,
  { tx, viewer, sessionId, reason }: SessionToEnd,
): Promise<boolean> {
  const now = clock.now();
  const ownerId = viewer.userId;
  const { count } = await tx.session.updateMany({
    where: { id: sessionId, ownerId, revokedAt: null },
    data: { revokedAt: now },
  });
  if (count === 0) return false;
  await audit.record(tx, viewer, {
    action: ACTIONS[reason],
    targetType: 'Session',
    targetId: sessionId,
  });
  await appendEvents(tx, [sessionEnded({ id: sessionId, ownerId, reason }, now)]);
  return true;
}

/** Which sessions end together, and why. */
interface SessionsToEnd extends Pick<SessionToEnd, 'tx' | 'viewer'> {
  readonly reason?: 'LOGGED_OUT' | 'PASSWORD_CHANGED';
  /** The one that stays. */
  readonly except?: string | undefined;
}

/**
 * Ends every open session of the viewer's, that of the request as well. Answers with how many.
 * Whoever changes a password writes that down, with the sessions that it ended.
 */
export async function endAllSessions(
  { clock, audit }: EndSessionPorts,
  { tx, viewer, reason = 'LOGGED_OUT', except }: SessionsToEnd,
): Promise<number> {
  const now = clock.now();
  const ownerId = viewer.userId;
  // In one order, so that two who end them all do not wait for each other.
  const open = await tx.$queryRaw<{ id: string }[]>`
    SELECT id FROM sessions
    WHERE owner_id = ${ownerId}::uuid AND revoked_at IS NULL AND expires_at > ${now}
      AND id IS DISTINCT FROM ${except ?? null}::uuid
    ORDER BY id FOR UPDATE`;
  if (open.length === 0) return 0;
  const ids = open.map(({ id }) => id);
  await tx.session.updateMany({ where: { id: { in: ids }, ownerId }, data: { revokedAt: now } });
  if (reason === 'LOGGED_OUT') {
    await audit.record(tx, viewer, {
      action: 'user.logged-out-everywhere',
      targetType: 'User',
      targetId: ownerId,
      after: { sessions: ids.length },
    });
  }
  await appendEvents(
    tx,
    ids.map((id) => sessionEnded({ id, ownerId, reason }, now)),
  );
  return ids.length;
}
