import type { Audit } from '../audit/audit.ts';
import type { Mails } from '../notifications/mails.ts';
import type { Clock } from '../platform/clock.ts';
import type { Database, Tx } from '../platform/database.ts';
import type { Ids } from '../platform/ids.ts';
import { appendEvents } from '../platform/outbox.ts';
import type { SignUpRisk } from '../platform/prisma/enums.ts';
import { userViewer, type AuthenticatedViewer, type Viewer } from '../platform/viewer.ts';
import { violatedIndex } from '../platform/violated-index.ts';
import type { EntryLimits } from './entry-limits.ts';
import { UsernameTaken } from './errors.ts';
import { userSignedUp } from './events.ts';
import { findCredentials } from './log-in-credentials.ts';
import { parseNames, type PersonNames } from './names.ts';
import type { Passwords } from './passwords.ts';
import type { SignUpRisks } from './sign-up-risks.ts';

/** Who may enter, and as what. */
export interface SignUpPolicy {
  /**
   * `open`: a new user may log in at once. `approval`: an administrator decides first.
   * `allow-list`: who confirms an address that was approved before enters, and an administrator
   * decides of all others.
   */
  readonly signUpPolicy: 'open' | 'approval' | 'allow-list';
  readonly defaultRole: 'VIEWER' | 'USER';
}

export interface SignUpPorts {
  readonly db: Database;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly audit: Audit;
  readonly mails: Mails;
  readonly passwords: Passwords;
  readonly entryLimits: Pick<EntryLimits, 'beforeSignUp' | 'mayMailAfterSignUp'>;
  readonly signUpRisks: SignUpRisks;
  readonly policy: SignUpPolicy;
  /** Who is told of each sign-up; undefined for nobody. */
  readonly adminEmail: string | undefined;
}

export interface SignUp {
  readonly username: string;
  readonly email: string;
  readonly password: string;
}

/** The answer to a sign-up. It is the same whether the e-mail is known, or approved, or neither. */
export interface SignUpReceipt {
  readonly username: string;
  readonly status: 'PENDING' | 'ACTIVE';
}

interface NewPerson extends PersonNames {
  readonly id: string;
  readonly passwordHash: string;
  readonly role: SignUpPolicy['defaultRole'];
  readonly status: SignUpReceipt['status'];
  readonly risks: readonly SignUpRisk[];
  /** Whether a mail may go to the address: not to one that was mailed to many times. */
  readonly mayMail: boolean;
}

/**
 * Makes a person who can log in, or who waits; open to everyone. A user name that is taken is told
 * ({@link UsernameTaken}). Whether the e-mail is another's is not: the row is made, the receipt is
 * the same, and the same work is done; but the address is not theirs, and its owner is told. Throws
 * WeakPassword, InvalidInput, TooBusy or RateLimited as well.
 */
export async function signUp(
  ports: SignUpPorts,
  viewer: Viewer,
  { password, ...input }: SignUp,
): Promise<SignUpReceipt> {
  const { ids, passwords, entryLimits, signUpRisks, policy } = ports;
  const names = parseNames(input);
  const { username, emailKey } = names;
  await passwords.assertAcceptable(password, [username, names.email]);
  await entryLimits.beforeSignUp(viewer);
  const person: NewPerson = {
    ...{ ...names, id: ids.next(), role: policy.defaultRole },
    passwordHash: await passwords.hash(password),
    status: policy.signUpPolicy === 'open' ? 'ACTIVE' : 'PENDING',
    risks: await signUpRisks.assess(viewer, emailKey),
    mayMail: await entryLimits.mayMailAfterSignUp(emailKey),
  };
  // Who signs up acts in their own name: the walls of the database let them tell it.
  const { requestId, address, userAgent } = viewer;
  const { id: userId, role, status } = person;
  const self = userViewer({ userId, role }, { requestId, address, userAgent });
  const attempt = () => ports.db.withViewer(self, (tx) => register(ports, { tx, self, person }));
  try {
    await attempt().catch((error: unknown) => {
      if (violatedIndex(error) !== 'users_email_key_key') throw error;
      // An administrator made somebody with the address at this moment: now it is known.
      return attempt();
    });
  } catch (error) {
    // Two sign-ups at once pass the look-up together; the unique index lets one through.
    if (violatedIndex(error) !== 'users_username_key_key') throw error;
    throw new UsernameTaken(username);
  }
  return { username, status };
}

interface Registration {
  readonly tx: Tx;
  readonly self: AuthenticatedViewer;
  readonly person: NewPerson;
}

async function register(ports: SignUpPorts, { tx, self, person }: Registration): Promise<void> {
  const { clock, audit, mails, adminEmail } = ports;
  const now = clock.now();
  const { id, username, usernameKey, role, status } = person;
  if (await findCredentials(tx, { usernameKey })) throw new UsernameTaken(username);
  const [made] = await tx.$queryRaw<{ isHeld: boolean; risks: SignUpRisk[] }[]>`
    SELECT is_held AS "isHeld", risks::text[] FROM register_user(${id}::uuid, ${username},
      ${person.email}, ${person.emailKey}, ${person.passwordHash}, ${role}::user_role,
      ${status}::user_status, ${[...person.risks]}::sign_up_risk[], ${now})`;
  const { isHeld = false, risks = [] } = made ?? {};
  await audit.record(tx, self, {
    action: 'user.signed-up',
    targetType: 'User',
    targetId: id,
    after: { username, role, status, ...(risks.length > 0 && { risks }) },
  });
  await appendEvents(tx, [userSignedUp({ id, username, role, status, tokenVersion: 0 }, now)]);
  if (person.mayMail) {
    // Not the address as it was typed now: its owner may write it in another case.
    const toOwner = { recipient: person.emailKey, ownerId: null, data: {} };
    const toPerson = { recipient: person.email, ownerId: id, data: {} };
    if (isHeld) await mails.queue(tx, { template: 'email-in-use', ...toOwner });
    else await mails.queue(tx, { template: 'verify-email', ...toPerson });
  }
  if (adminEmail === undefined) return;
  await mails.queue(tx, {
    ...{ template: 'admin-new-sign-up', recipient: adminEmail, ownerId: id },
    data: { username, status, risks: risks.join(', ') },
  });
}
