import { createApiKeys } from '../../../src/services/accounts/api-keys.ts';
import { createApprovedEmails } from '../../../src/services/accounts/approved-emails.ts';
import { createEmailVerification } from '../../../src/services/accounts/email-verification.ts';
import { createFactors } from '../../../src/app/factors.ts';
import { createEntryLimits } from '../../../src/services/accounts/entry-limits.ts';
import { createFactorLimits } from '../../../src/services/accounts/factor-limits.ts';
import { createMailAddressees } from '../../../src/services/accounts/mail-addressees.ts';
import { createMailLinks } from '../../../src/services/accounts/mail-links.ts';
import { createOperatorAccounts } from '../../../src/services/accounts/operator-accounts.ts';
import { createOwnSessions } from '../../../src/services/accounts/own-sessions.ts';
import { createPasswordChange } from '../../../src/services/accounts/password-change.ts';
import { createPasswordReset } from '../../../src/services/accounts/password-reset.ts';
import { createPasswords } from '../../../src/services/accounts/passwords.ts';
import { createProfile } from '../../../src/services/accounts/profile.ts';
import { createSessions } from '../../../src/services/accounts/sessions.ts';
import type { SignUpPolicy } from '../../../src/services/accounts/sign-up.ts';
import {
  createSignUpRisks,
  type SignUpRisksConfig,
} from '../../../src/services/accounts/sign-up-risks.ts';
import { createTokens } from '../../../src/services/accounts/tokens.ts';
import { createUserAdministration } from '../../../src/services/accounts/user-administration.ts';
import { createUserDirectory } from '../../../src/services/accounts/user-directory.ts';
import { createUsers } from '../../../src/services/accounts/users.ts';
import { createMails } from '../../../src/services/notifications/mails.ts';
import { createAudit } from '../../../src/services/audit/audit.ts';
import { keyOfSecret } from '../../../src/services/platform/config/token-keys.ts';
import { createIds } from '../../../src/services/platform/ids.ts';
import { randomBytes } from '../../../src/services/platform/random.ts';
import { createRateLimits } from '../../../src/services/platform/rate-limits.ts';
import { createSealing } from '../../../src/services/platform/sealing.ts';
import { systemTimers } from '../../../src/services/platform/timers.ts';
import { anonymousViewer } from '../../../src/services/platform/viewer.ts';
import { createTestDatabase } from '../../support/database.ts';
import { createFixedClock } from '../../support/fixed-clock.ts';

/** Who is told of sign-ups. */
export const ADMIN_EMAIL = 'office@tradegraph.example';
export const PASSWORD = 'correct horse battery';
/** Whose passkeys are, and one of the pages that may use them. */
export const WEB_AUTHN = { rpId: 'example.com', origins: ['https://app.example.com'] };

/** The services of accounts over a database of their own, at noon of a day that stands still. */
export async function createHouse() {
  const database = await createTestDatabase();
  const clock = createFixedClock('2026-01-01T12:00:00Z');
  const ids = createIds(clock, randomBytes);
  const audit = createAudit({ clock, ids });
  const passwords = createPasswords({ cost: { memoryKib: 8_192, passes: 1, lanes: 1 } });
  const keys = [keyOfSecret('a secret of at least thirty-two bytes')];
  const tokens = createTokens({ keys, clock });
  const db = database.server;
  const rateLimits = createRateLimits();
  const factorLimits = createFactorLimits(rateLimits);
  const sealing = createSealing([{ id: 'tests', secret: randomBytes(32) }], randomBytes);
  const entryLimits = createEntryLimits({
    rateLimits,
    timers: systemTimers,
    config: {
      ...{ logInsPerAddress: 1_000, signUpsPerAddress: 1_000, refreshesPerAddress: 1_000 },
      ...{ linksPerAddress: 1_000, linksPerEmail: 1_000 },
    },
  });
  const mails = createMails({ clock, ids, rateLimits });
  const common = { db, clock, ids, audit, mails, passwords, entryLimits };
  const usersOf = (policy: SignUpPolicy, risks: Partial<SignUpRisksConfig> = {}) =>
    createUsers({
      ...{ ...common, policy, adminEmail: ADMIN_EMAIL },
      signUpRisks: createSignUpRisks({
        rateLimits: createRateLimits(),
        config: { perNetwork: 1_000, perDomain: 1_000, ...risks },
      }),
    });
  const users = usersOf({ signUpPolicy: 'open', defaultRole: 'USER' });

  const lifetimes = { accessTokenSeconds: 900, refreshTokenSeconds: 7 * 86_400 };
  const entering = { factorLimits, tokens, lifetimes };

  return {
    database,
    clock,
    users,
    usersOf,
    tokens,
    apiKeys: createApiKeys({ ...common, randomBytes }),
    approvedEmails: createApprovedEmails(common),
    verificationOf: (signUpPolicy: SignUpPolicy['signUpPolicy']) =>
      createEmailVerification({ ...common, policy: { signUpPolicy } }),
    passwordChange: createPasswordChange(common),
    passwordReset: createPasswordReset(common),
    profile: createProfile(common),
    mailLinks: createMailLinks({ workerDb: database.worker, clock, ids, audit, randomBytes }),
    administration: createUserAdministration({ db, clock, audit, mails }),
    mailAddressees: createMailAddressees({ workerDb: database.worker }),
    directory: createUserDirectory({ db }),
    ownSessions: createOwnSessions({ db, clock, audit }),
    sessions: createSessions({ ...common, ...entering, sealing, randomBytes }),
    factors: createFactors({ ...common, ...entering, sealing, config: { webAuthn: WEB_AUTHN } }),
    sealing,
    operators: createOperatorAccounts({
      ...{ workerDb: database.worker, clock, ids, audit, passwords, tokens },
    }),
    /** Signs a person up who may enter at once. */
    signUp: (username: string, email = `${username}@example.com`) =>
      users.signUp(visitor(), { username, email, password: PASSWORD }),
    /** All that a write of accounts could have changed. */
    async state() {
      const [row] = await database.query<{ state: unknown }>(`
        SELECT jsonb_build_object(
          'users', (SELECT coalesce(jsonb_agg(u ORDER BY id), '[]') FROM users u),
          'sessions', (SELECT coalesce(jsonb_agg(s ORDER BY id), '[]') FROM sessions s),
          'tokens', (SELECT coalesce(jsonb_agg(t ORDER BY id), '[]') FROM account_tokens t),
          'approved', (SELECT coalesce(jsonb_agg(a ORDER BY id), '[]') FROM approved_emails a),
          'mails', (SELECT count(*) FROM mails),
          'totp', (SELECT coalesce(jsonb_agg(t ORDER BY owner_id), '[]') FROM totp_factors t),
          'codes', (SELECT coalesce(jsonb_agg(c ORDER BY id), '[]') FROM recovery_codes c),
          'passkeys', (SELECT coalesce(jsonb_agg(p ORDER BY id), '[]') FROM passkeys p),
          'refreshTokens', (SELECT coalesce(jsonb_agg(t ORDER BY id), '[]') FROM refresh_tokens t),
          'audit', (SELECT count(*) FROM audit_records),
          'outbox', (SELECT count(*) FROM outbox)) AS state`);
      return row?.state;
    },
    auditOf: (targetId: string | null) =>
      database.query(
        `SELECT action, actor_id, target_type, before, after, address, user_agent, request_id
         FROM audit_records WHERE target_id IS NOT DISTINCT FROM $1 ORDER BY id`,
        [targetId],
      ),
    eventsOf: (topic: string) =>
      database.query(
        `SELECT owner_id, type, version, payload FROM outbox WHERE topic = $1 ORDER BY id`,
        [topic],
      ),
  };
}

/** Someone who is not logged in, at an address. */
export const visitor = () =>
  anonymousViewer({ requestId: 'request-1', address: '192.0.2.7', userAgent: 'tests' });
