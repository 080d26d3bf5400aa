import { createApprovedEmails } from '../services/accounts/approved-emails.ts';
import { createEmailVerification } from '../services/accounts/email-verification.ts';
import type { EntryLimits } from '../services/accounts/entry-limits.ts';
import { createPasswordChange } from '../services/accounts/password-change.ts';
import { createPasswordReset } from '../services/accounts/password-reset.ts';
import type { Passwords } from '../services/accounts/passwords.ts';
import { createProfile } from '../services/accounts/profile.ts';
import { createSignUpRisks } from '../services/accounts/sign-up-risks.ts';
import { createUsers } from '../services/accounts/users.ts';
import type { Config } from '../services/platform/config/config.ts';
import type { Foundation } from './foundation.ts';

type EntrancePorts = Pick<Foundation, 'db' | 'clock' | 'ids' | 'audit' | 'mails' | 'rateLimits'> & {
  readonly config: Config;
  readonly passwords: Passwords;
  readonly entryLimits: EntryLimits;
};

/** What people do to come in: sign up, confirm their address, choose and lose a password. */
export function createEntrance({ config, rateLimits, ...common }: EntrancePorts) {
  const { signUpPolicy, defaultRole } = config.auth;
  const policy = { signUpPolicy, defaultRole };
  const { adminEmail } = config.mail;
  const signUpRisks = createSignUpRisks({ rateLimits, config: config.limits.signUpRisks });
  return {
    approvedEmails: createApprovedEmails(common),
    emailVerification: createEmailVerification({ ...common, policy }),
    passwordChange: createPasswordChange(common),
    passwordReset: createPasswordReset(common),
    profile: createProfile(common),
    users: createUsers({ ...common, signUpRisks, policy, adminEmail }),
  };
}
