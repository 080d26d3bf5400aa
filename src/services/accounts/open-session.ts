import type { Audit } from '../audit/audit.ts';
import type { Clock } from '../platform/clock.ts';
import type { Tx } from '../platform/database.ts';
import type { Ids } from '../platform/ids.ts';
import type { Viewer } from '../platform/viewer.ts';
import type { Tokens } from './tokens.ts';

export interface IssuedToken {
  readonly accessToken: string;
  readonly expiresAt: Date;
  readonly userId: string;
}

interface OpenSessionPorts {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly audit: Audit;
  readonly tokens: Tokens;
}

interface NewSession {
  readonly tx: Tx;
  /** Who opens it: the person, or an operator. */
  readonly viewer: Viewer;
  readonly userId: string;
  readonly tokenVersion: number;
  readonly lifetimeSeconds: number;
}

const SECOND_MS = 1_000;

/** Makes a session with its audit row, and the access token that names it. Both end together. */
export async function openSession(
  { clock, ids, audit, tokens }: OpenSessionPorts,
  { tx, viewer, userId, tokenVersion, lifetimeSeconds }: NewSession,
): Promise<IssuedToken> {
  const now = clock.now();
  const sessionId = ids.next();
  // Tokens count whole seconds.
  const expiresAt = new Date((Math.floor(now.getTime() / SECOND_MS) + lifetimeSeconds) * SECOND_MS);
  const { address, userAgent } = viewer;
  await tx.session.create({
    data: { id: sessionId, ownerId: userId, createdAt: now, expiresAt, address, userAgent },
  });
  await audit.record(tx, viewer, {
    action: 'user.logged-in',
    targetType: 'Session',
    targetId: sessionId,
    after: { userId, expiresAt: expiresAt.toISOString() },
  });
  const accessToken = await tokens.sign({ userId, sessionId, tokenVersion, expiresAt });
  return { accessToken, expiresAt, userId };
}
