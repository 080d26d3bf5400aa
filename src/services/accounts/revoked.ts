import { Unauthenticated } from '../platform/errors.ts';
import type { StoredEvent } from '../platform/event-log/stored-event.ts';
import type { AuthenticatedViewer } from '../platform/viewer.ts';
import { roleOfKey } from './capabilities.ts';
import type {
  ApiKeyRevokedPayload,
  SecondFactorsChangedPayload,
  SessionEndedPayload,
  UserEventPayload,
} from './events.ts';

const SESSION_ENDED = 'SessionEnded';
const USER_CHANGED = 'UserChanged';
const API_KEY_REVOKED = 'ApiKeyRevoked';
const SECOND_FACTORS_CHANGED = 'SecondFactorsChanged';
/** The events of a person that may end what the person has open. */
export const ENDING_EVENTS: readonly string[] = [
  SESSION_ENDED,
  USER_CHANGED,
  API_KEY_REVOKED,
  SECOND_FACTORS_CHANGED,
];

/** The viewer is no longer who they were when they came. */
export class Revoked extends Unauthenticated {
  /** Whether a fresh token may bring them back: not after a log-out or for a disabled person. */
  readonly mayReturn: boolean;
  constructor(mayReturn: boolean) {
    super(mayReturn ? 'What you may do has changed. Log in again.' : 'The session has ended.');
    this.mayReturn = mayReturn;
  }
}

/**
 * Throws {@link Revoked} if the event ends the viewer's session or key, or changes what they may
 * do.
 */
export function refuseRevoked(viewer: AuthenticatedViewer, { type, payload }: StoredEvent): void {
  if (type === SESSION_ENDED) {
    const { sessionId } = payload as SessionEndedPayload;
    if (sessionId === viewer.sessionId) throw new Revoked(false);
  }
  if (type === USER_CHANGED) {
    const { role, status } = payload as UserEventPayload;
    if (status !== 'ACTIVE') throw new Revoked(false);
    // A key may act with less than its owner's role, and goes by what is left of the new one.
    const { apiKey } = viewer;
    const roleNow = apiKey ? roleOfKey(role, apiKey.scopes) : role;
    if (roleNow !== viewer.role) throw new Revoked(true);
  }
  if (type === SECOND_FACTORS_CHANGED) {
    const { sessionId } = payload as SecondFactorsChangedPayload;
    const isForgotten = viewer.secondFactorAt !== null && sessionId !== viewer.sessionId;
    if (isForgotten) throw new Revoked(true);
  }
  if (type === API_KEY_REVOKED) {
    const { apiKeyId } = payload as ApiKeyRevokedPayload;
    if (apiKeyId === viewer.apiKey?.id) throw new Revoked(false);
  }
}
