import { Unauthenticated } from '../platform/errors.ts';
import type { StoredEvent } from '../platform/event-log/stored-event.ts';
import type { AuthenticatedViewer } from '../platform/viewer.ts';
import type { SessionEndedPayload, UserEventPayload } from './events.ts';

export const SESSION_ENDED = 'SessionEnded';
export const USER_CHANGED = 'UserChanged';

/** The viewer is no longer who they were when they came. */
export class Revoked extends Unauthenticated {
  /** Whether a fresh token may bring them back: not after a log-out or for a disabled person. */
  readonly mayReturn: boolean;
  constructor(mayReturn: boolean) {
    super(mayReturn ? 'What you may do has changed. Log in again.' : 'The session has ended.');
    this.mayReturn = mayReturn;
  }
}

/** Throws {@link Revoked} if the event ends the viewer's session or changes what they may do. */
export function refuseRevoked(viewer: AuthenticatedViewer, { type, payload }: StoredEvent): void {
  if (type === SESSION_ENDED) {
    const { sessionId } = payload as SessionEndedPayload;
    if (sessionId === viewer.sessionId) throw new Revoked(false);
  }
  if (type === USER_CHANGED) {
    const { role, status } = payload as UserEventPayload;
    if (status !== 'ACTIVE') throw new Revoked(false);
    if (role !== viewer.role) throw new Revoked(true);
  }
}
