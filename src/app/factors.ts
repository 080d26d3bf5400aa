import type { EntryLimits } from '../services/accounts/entry-limits.ts';
import type { FactorLimits } from '../services/accounts/factor-limits.ts';
import { createPasskeyConfirmation } from '../services/accounts/passkey-confirmation.ts';
import { createPasskeyLogIn } from '../services/accounts/passkey-log-in.ts';
import { createPasskeys } from '../services/accounts/passkeys.ts';
import type { Passwords } from '../services/accounts/passwords.ts';
import type { TokenLifetimes } from '../services/accounts/refresh.ts';
import { createSecondFactors } from '../services/accounts/second-factors.ts';
import type { Tokens } from '../services/accounts/tokens.ts';
import { createTotpSetup } from '../services/accounts/totp-setup.ts';
import type { Config } from '../services/platform/config/config.ts';
import { randomBytes } from '../services/platform/random.ts';
import type { Foundation } from './foundation.ts';

export interface FactorsPorts extends Pick<
  Foundation,
  'db' | 'clock' | 'ids' | 'audit' | 'mails' | 'sealing'
> {
  readonly config: Pick<Config, 'webAuthn'>;
  readonly passwords: Passwords;
  readonly entryLimits: EntryLimits;
  readonly factorLimits: FactorLimits;
  readonly tokens: Tokens;
  readonly lifetimes: TokenLifetimes;
}

/** What people show beside their password, or in place of it. */
export function createFactors({ config: { webAuthn }, ...ports }: FactorsPorts) {
  const common = { ...ports, webAuthn, randomBytes };
  const passkeys = createPasskeyConfirmation(common);
  return {
    passkeyLogIn: createPasskeyLogIn(common),
    passkeys: createPasskeys(common),
    secondFactors: createSecondFactors({ ...common, passkeys }),
    totpSetup: createTotpSetup(common),
  };
}
