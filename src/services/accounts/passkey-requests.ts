import type { WebAuthnConfig } from '../platform/config/config.ts';
import { ownedBy } from '../platform/owner-filter.ts';
import type { Passkey } from '../platform/prisma/client.ts';
import type { PasskeyChallengePurpose } from '../platform/prisma/enums.ts';
import { requireUser, type Viewer } from '../platform/viewer.ts';
import { SecondFactorRequired, TooManyPasskeys } from './factor-errors.ts';
import { allowNewFactor, requireOwnSession, type FactorGuardPorts } from './factor-guard.ts';
import type { FactorLimits } from './factor-limits.ts';
import { methodsOf, readFactors } from './factor-rows.ts';
import { CHALLENGE_LIFETIME_MS, keepChallenge } from './passkey-challenges.ts';
import { assertionOptions, registrationOptions } from './passkey-options.ts';
import { PASSKEYS_MAX } from './passkey-registration.ts';
import type { RandomBytes } from './refresh-token.ts';
import { requireWebAuthn } from './web-authn.ts';

export interface ChallengeRequestPorts extends FactorGuardPorts {
  readonly randomBytes: RandomBytes;
  readonly factorLimits: FactorLimits;
  readonly webAuthn: WebAuthnConfig | undefined;
}

export interface RequestChallenge {
  readonly purpose: PasskeyChallengePurpose;
  readonly password?: string | null | undefined;
}

/**
 * Makes a challenge for a device, good once and for five minutes: to make a passkey (throws what
 * {@link allowNewFactor} throws, and TooManyPasskeys), to confirm with one (throws
 * SecondFactorRequired for who has none), or to log in. `options` is for the browser. Throws
 * RateLimited, and Forbidden on a server without passkeys.
 */
export async function requestChallenge(
  ports: ChallengeRequestPorts,
  viewer: Viewer,
  request: RequestChallenge,
) {
  const { db, clock, factorLimits } = ports;
  const webAuthn = requireWebAuthn(ports.webAuthn);
  await factorLimits.beforeChallenge(viewer);
  const passkeys = await allow(ports, viewer, request);
  const { purpose } = request;
  const { challenge, user } = await db.withViewer(viewer, async (tx) => ({
    challenge: await keepChallenge(ports, tx, purpose),
    user:
      purpose === 'REGISTRATION' ? await tx.user.findFirst({ where: themselves(viewer) }) : null,
  }));
  const given = { webAuthn, challenge, known: passkeys };
  const options = user
    ? await registrationOptions({ ...given, user })
    : await assertionOptions(given);
  return { options, expiresAt: new Date(clock.now().getTime() + CHALLENGE_LIFETIME_MS) };
}

/** Throws unless the viewer may ask for it. The passkeys that the device is told of. */
async function allow(
  ports: ChallengeRequestPorts,
  viewer: Viewer,
  { purpose, password }: RequestChallenge,
): Promise<Passkey[]> {
  switch (purpose) {
    case 'LOG_IN':
      return [];
    case 'CONFIRMATION': {
      const self = requireOwnSession(viewer);
      const passkeys = await known(ports, self);
      if (passkeys.length > 0) return passkeys;
      const factors = await ports.db.snapshot({ ...self }, (tx) => readFactors(tx, self.userId));
      throw new SecondFactorRequired(methodsOf(factors));
    }
    case 'REGISTRATION': {
      const self = requireOwnSession(viewer);
      const passkeys = await known(ports, self);
      if (passkeys.length >= PASSKEYS_MAX) throw new TooManyPasskeys(PASSKEYS_MAX);
      await allowNewFactor(ports, self, password);
      return passkeys;
    }
  }
}

function known({ db }: ChallengeRequestPorts, viewer: Viewer): Promise<Passkey[]> {
  return db.snapshot({ ...viewer }, (tx) => tx.passkey.findMany({ where: ownedBy(viewer) }));
}

const themselves = (viewer: Viewer) => ({ id: requireUser(viewer).userId });
