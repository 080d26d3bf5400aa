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
  LOGGED_OUT: 'user.logged-out',
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
