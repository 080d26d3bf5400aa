import type { Mails } from '../notifications/mails.ts';
import type { Database } from '../platform/database.ts';
import { DomainError } from '../platform/errors.ts';
import {
  anonymousViewer,
  userViewer,
  type AuthenticatedViewer,
  type Viewer,
} from '../platform/viewer.ts';
import { enter, type EnterPorts } from './enter.ts';
import type { EntryLimits } from './entry-limits.ts';
import { InvalidCredentials } from './errors.ts';
import { mailFactorChange } from './factor-changes.ts';
import { takeCode, type FactorCodesPorts } from './factor-codes.ts';
import { InvalidSecondFactor, SecondFactorRequired } from './factor-errors.ts';
import type { FactorLimits } from './factor-limits.ts';
import { methodsOf, readFactors } from './factor-rows.ts';
import { findCredentials, type Credentials } from './log-in-credentials.ts';
import { loginKey } from './names.ts';
import { renewOutdatedHash } from './outdated-hash.ts';
import type { Passwords } from './passwords.ts';
import type { SessionTokens } from './session-tokens.ts';

export interface LogInPorts extends EnterPorts, FactorCodesPorts {
  readonly db: Database;
  readonly passwords: Passwords;
  readonly entryLimits: EntryLimits;
  readonly factorLimits: FactorLimits;
  readonly mails: Mails;
}

export interface LogIn {
  readonly login: string;
  readonly password: string;
  /** Of an authenticator app, or a recovery code. */
  readonly code?: string | null | undefined;
}

/**
 * Opens a session for an active person, by user name or e-mail in any case. Everyone else gets
 * {@link InvalidCredentials} after the same work, whatever second factors they have: those are
 * looked at after the right password alone. Throws SecondFactorRequired when there is one and no
 * code came, InvalidSecondFactor for a wrong code, TooBusy when too many log in at once, and
 * RateLimited when one address tries too often, or one person's code is guessed at.
 */
export async function logIn(
  ports: LogInPorts,
  viewer: Viewer,
  { login, password, code }: LogIn,
): Promise<SessionTokens> {
  const { db, entryLimits, factorLimits } = ports;
  const key = loginKey(login);
  await entryLimits.beforeLogIn(viewer, key);
  // A viewer of its own: the request's snapshot would stay open while the password is hashed.
  const person = await db.snapshot(anonymousViewer(), (tx) =>
    findCredentials(tx, { usernameKey: key, emailKey: key }),
  );
  const isRight = await ports.passwords.verify(person?.passwordHash, password);
  if (!person || !isRight || person.status !== 'ACTIVE') {
    return refuse(ports, viewer, person);
  }
  await entryLimits.afterRightPassword(key);
  const { requestId, address, userAgent } = viewer;
  const { id: userId, role } = person;
  const self = userViewer({ userId, role }, { requestId, address, userAgent });
  const typed = code?.trim() ? code : undefined;
  if (typed !== undefined) await factorLimits.beforeCode(userId);
  const entered = await admit(ports, { self, person, code: typed });
  // Thrown after the commit: the audit row of it has to stay.
  if (entered instanceof DomainError) throw entered;
  await entryLimits.afterLogIn(viewer);
  if (typed !== undefined) await factorLimits.afterCode(userId);
  await renewOutdatedHash(ports, { self, person, password });
  return entered;
}

interface Admission {
  readonly self: AuthenticatedViewer;
  readonly person: Credentials;
  readonly code: string | undefined;
}

/** Who had the right password gets in, or is asked for a second factor. */
async function admit(
  ports: LogInPorts,
  { self, person: { tokenVersion }, code }: Admission,
): Promise<SessionTokens | DomainError> {
  const { userId: ownerId } = self;
  return ports.db.withViewer(self, async (tx) => {
    const methods = methodsOf(await readFactors(tx, ownerId));
    if (methods.length === 0) return enter(ports, { tx, self, tokenVersion });
    const secondFactor =
      code === undefined ? undefined : await takeCode(ports, { tx, ownerId, code });
    if (secondFactor === 'RECOVERY_CODE') {
      await mailFactorChange(ports.mails, { tx, ownerId, change: 'RECOVERY_CODE_USED' });
    }
    if (secondFactor) return enter(ports, { tx, self, tokenVersion, secondFactor });
    await ports.audit.record(tx, self, {
      action: code === undefined ? 'user.second-factor-asked' : 'user.second-factor-refused',
      targetType: 'User',
      targetId: ownerId,
    });
    return code === undefined ? new SecondFactorRequired(methods) : new InvalidSecondFactor();
  });
}

async function refuse(
  { db, audit }: LogInPorts,
  viewer: Viewer,
  person: Credentials | undefined,
): Promise<never> {
  await db.withViewer(viewer, (tx) =>
    audit.record(tx, viewer, {
      action: 'user.log-in-refused',
      targetType: 'User',
      // What was typed is not kept: people type passwords into the wrong field.
      targetId: person?.id ?? null,
    }),
  );
  throw new InvalidCredentials();
}
