import type { Audit } from '../audit/audit.ts';
import type { Mails } from '../notifications/mails.ts';
import type { Clock } from '../platform/clock.ts';
import type { Tx } from '../platform/database.ts';
import { appendEvents } from '../platform/outbox.ts';
import type { AuthenticatedViewer } from '../platform/viewer.ts';
import { storePassword, type PasswordProof } from './account-tokens.ts';
import { endAllSessions } from './end-session.ts';
import { userChanged } from './events.ts';

interface ReplacementPorts {
  readonly clock: Clock;
  readonly audit: Audit;
  readonly mails: Mails;
}

interface Replacement {
  readonly tx: Tx;
  readonly self: AuthenticatedViewer;
  readonly proof: PasswordProof;
  readonly passwordHash: string;
  readonly action: 'user.password-reset' | 'user.password-changed';
}

/**
 * Puts another password in place of the viewer's, with all that follows: older access tokens are
 * void, all sessions but that of the viewer end, and the person is told. Answers with how many
 * sessions ended; undefined when the proof is not good any more: roll back then.
 */
export async function replacePassword(
  ports: ReplacementPorts,
  { tx, self, proof, passwordHash, action }: Replacement,
): Promise<number | undefined> {
  const { clock, audit, mails } = ports;
  const now = clock.now();
  const { userId: ownerId, sessionId } = self;
  const person = await storePassword(tx, { proof, passwordHash, now });
  if (!person) return undefined;
  const reason = 'PASSWORD_CHANGED';
  const except = sessionId ?? undefined;
  const endedSessions = await endAllSessions(ports, { tx, viewer: self, reason, except });
  const after = { endedSessions };
  await audit.record(tx, self, { action, targetType: 'User', targetId: ownerId, after });
  await appendEvents(tx, [userChanged({ ...person, id: ownerId }, now)]);
  const { email: recipient, username } = person;
  await mails.queue(tx, { template: 'password-changed', recipient, ownerId, data: { username } });
  return endedSessions;
}
