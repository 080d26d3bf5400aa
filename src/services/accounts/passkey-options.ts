import type { WebAuthnConfig } from '../platform/config/config.ts';
import type { Passkey } from '../platform/prisma/client.ts';
import { ALGORITHMS, loadWebAuthn } from './passkey-answers.ts';
import { CHALLENGE_LIFETIME_MS } from './passkey-challenges.ts';

type Challenge = Uint8Array<ArrayBuffer>;
type KnownPasskey = Pick<Passkey, 'credentialId' | 'transports'>;

const RP_NAME = 'Tradegraph';

interface NewPasskeyOptions {
  readonly webAuthn: WebAuthnConfig;
  readonly challenge: Challenge;
  readonly user: { readonly id: string; readonly username: string };
  /** A device that has one of these makes no second one. */
  readonly known: readonly KnownPasskey[];
}

/**
 * What a browser is asked for to make a passkey, as JSON (Web Authentication, 5.1.8): one that it
 * can find without being told a name, on a device that verifies who holds it.
 */
export async function registrationOptions({ webAuthn, challenge, user, known }: NewPasskeyOptions) {
  const { generateRegistrationOptions } = await loadWebAuthn();
  return generateRegistrationOptions({
    ...{ rpName: RP_NAME, rpID: webAuthn.rpId, challenge, timeout: CHALLENGE_LIFETIME_MS },
    ...{ userName: user.username, userDisplayName: user.username, userID: handleOf(user.id) },
    attestationType: 'none',
    supportedAlgorithmIDs: ALGORITHMS,
    excludeCredentials: known.map(described),
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
  });
}

/**
 * What a browser is asked for to sign with a passkey: one of these, or whichever the person
 * chooses.
 */
export async function assertionOptions({
  webAuthn,
  challenge,
  known,
}: Omit<NewPasskeyOptions, 'user'>) {
  const { generateAuthenticationOptions } = await loadWebAuthn();
  return generateAuthenticationOptions({
    ...{ rpID: webAuthn.rpId, challenge, timeout: CHALLENGE_LIFETIME_MS },
    userVerification: 'required',
    ...(known.length > 0 && { allowCredentials: known.map(described) }),
  });
}

/** The bytes of a person's id: opaque to whoever finds the device, and no name or address. */
export const handleOf = (userId: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(Buffer.from(userId.replaceAll('-', ''), 'hex'));

const described = ({ credentialId, transports }: KnownPasskey) => ({
  id: Buffer.from(credentialId).toString('base64url'),
  transports,
});
