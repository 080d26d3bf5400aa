import type { Audit } from '../audit/audit.ts';
import type { Clock } from '../platform/clock.ts';
import type { Tx } from '../platform/database.ts';
import type { Ids } from '../platform/ids.ts';
import type { Viewer } from '../platform/viewer.ts';
import { InvalidCredentials } from './errors.ts';
import type { SecondFactorMethod } from './second-factor.ts';
import { secondsFrom, type OpenSession } from './session-tokens.ts';

interface OpenSessionPorts {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly audit: Audit;
}

interface NewSession {
  readonly tx: Tx;
  /** Who opens it: the person, or an operator. */
  readonly viewer: Viewer;
  readonly userId: string;
  readonly tokenVersion: number;
  readonly lifetimeSeconds: number;
  /** What was shown for it beside a password, or in place of one. */
  readonly secondFactor?: SecondFactorMethod | undefined;
}

/**
 * Makes a session with its audit row. It ends after its lifetime, unless it is refreshed before.
 * Throws InvalidCredentials when the person was changed since they showed who they are: by a new
 * password, say.
 */
export async function openSession(
  { clock, ids, audit }: OpenSessionPorts,
  { tx, viewer, userId, tokenVersion, lifetimeSeconds, secondFactor }: NewSession,
): Promise<OpenSession> {
  const [held] = await tx.$queryRaw<{ isHeld: boolean }[]>`
    SELECT hold_user(${userId}::uuid, ${tokenVersion}) AS "isHeld"`;
  if (!held?.isHeld) throw new InvalidCredentials();
  const now = clock.now();
  const id = ids.next();
  const expiresAt = secondsFrom(now, lifetimeSeconds);
  const { address, userAgent } = viewer;
  const secondFactorAt = secondFactor === undefined ? null : now;
  const times = { createdAt: now, lastUsedAt: now, expiresAt, secondFactorAt };
  await tx.session.create({ data: { id, ownerId: userId, ...times, address, userAgent } });
  await audit.record(tx, viewer, {
    action: 'user.logged-in',
    targetType: 'Session',
    targetId: id,
    after: {
      ...{ userId, expiresAt: expiresAt.toISOString() },
      ...(secondFactor !== undefined && { secondFactor }),
    },
  });
  return { id, ownerId: userId, expiresAt, tokenVersion };
}
