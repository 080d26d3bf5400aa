import type { NewEvent } from '../platform/outbox.ts';
import type { UserRole, UserStatus } from '../platform/prisma/enums.ts';

/** What the events about a person carry. No e-mail: the event log outlives a deleted person. */
export interface UserEventPayload {
  readonly id: string;
  readonly username: string;
  readonly role: UserRole;
  readonly status: UserStatus;
  readonly tokenVersion: number;
}

/**
 * `ENDED`: its person ended it from another one. `TOKEN_REUSED`: a refresh token came a second
 * time, so that somebody else may have it. `SECOND_FACTOR_RESET`: an operator took their factors
 * away.
 */
export type SessionEndReason =
  'LOGGED_OUT' | 'ENDED' | 'TOKEN_REUSED' | 'PASSWORD_CHANGED' | 'SECOND_FACTOR_RESET';

export interface SessionEndedPayload {
  readonly sessionId: string;
  readonly userId: string;
  readonly reason: SessionEndReason;
  /** ISO 8601. */
  readonly endedAt: string;
}

export interface ApiKeyRevokedPayload {
  readonly apiKeyId: string;
  readonly userId: string;
  /** ISO 8601. */
  readonly revokedAt: string;
}

export interface SecondFactorsChangedPayload {
  readonly userId: string;
  /** The session that goes on as it was: the person changed them in it. */
  readonly sessionId: string;
  /** ISO 8601. */
  readonly changedAt: string;
}

const VERSION = 1;
/** Of what happens to a person. */
export const topicOf = (userId: string) => `user:${userId}`;

export const userSignedUp = (user: UserEventPayload, occurredAt: Date): NewEvent =>
  userEvent('UserSignedUp', user, occurredAt);

/** The role, the status or the token version of a person changed: older tokens may be void. */
export const userChanged = (user: UserEventPayload, occurredAt: Date): NewEvent =>
  userEvent('UserChanged', user, occurredAt);

function userEvent(type: string, user: UserEventPayload, occurredAt: Date): NewEvent {
  const { id, username, role, status, tokenVersion } = user;
  const payload = { id, username, role, status, tokenVersion };
  return { topic: topicOf(id), ownerId: id, type, version: VERSION, payload, occurredAt };
}

/** A session was closed: its sockets and streams end. */
export function sessionEnded(
  session: { id: string; ownerId: string; reason: SessionEndReason },
  endedAt: Date,
): NewEvent {
  const payload: SessionEndedPayload = {
    sessionId: session.id,
    userId: session.ownerId,
    reason: session.reason,
    endedAt: endedAt.toISOString(),
  };
  return {
    topic: topicOf(session.ownerId),
    ownerId: session.ownerId,
    type: 'SessionEnded',
    version: VERSION,
    payload: { ...payload },
    occurredAt: endedAt,
  };
}

/** A key was revoked: the sockets and streams of whoever has it end. */
export function apiKeyRevoked(key: { id: string; ownerId: string }, revokedAt: Date): NewEvent {
  const payload: ApiKeyRevokedPayload = {
    apiKeyId: key.id,
    userId: key.ownerId,
    revokedAt: revokedAt.toISOString(),
  };
  return {
    ...{ topic: topicOf(key.ownerId), ownerId: key.ownerId, type: 'ApiKeyRevoked' },
    ...{ version: VERSION, payload: { ...payload }, occurredAt: revokedAt },
  };
}

/** A factor is gone: what was shown with it counts no more, but in one session. */
export function secondFactorsChanged(
  { userId, sessionId }: { readonly userId: string; readonly sessionId: string },
  changedAt: Date,
): NewEvent {
  const payload: SecondFactorsChangedPayload = {
    ...{ userId, sessionId },
    changedAt: changedAt.toISOString(),
  };
  return {
    topic: topicOf(userId),
    ownerId: userId,
    type: 'SecondFactorsChanged',
    version: VERSION,
    payload: { ...payload },
    occurredAt: changedAt,
  };
}
