import type * as WebAuthn from '@simplewebauthn/server';
import { z } from 'zod';
import type { WebAuthnConfig } from '../platform/config/config.ts';

/** Longer than any device answers, whatever it attests. */
const TEXT_MAX_CHARACTERS = 16_384;
/** Web Authentication, 6.5.1: a credential's id has at most 1,023 bytes. */
const ID_MAX_CHARACTERS = 1_364;
const TRANSPORTS = ['ble', 'cable', 'hybrid', 'internal', 'nfc', 'smart-card', 'usb'] as const;

/**
 * Ed25519, ECDSA with P-256, RSA (RFC 9053): what devices have, and this Node verifies without
 * warnings.
 */
export const ALGORITHMS = [-8, -7, -257];

const bytes = z.base64url().min(1).max(TEXT_MAX_CHARACTERS);
const id = z.base64url().min(1).max(ID_MAX_CHARACTERS);
const clientData = z.object({ challenge: bytes });
const credential = { id, rawId: id, type: z.literal('public-key') };

/** What a browser makes of a new passkey; of the rest nothing is kept. */
const REGISTRATION = z.object({
  ...credential,
  response: z.object({
    ...{ clientDataJSON: bytes, attestationObject: bytes },
    transports: z.array(z.string().max(32)).max(16).optional(),
  }),
});
/** What a browser makes of a passkey that signed. */
const ASSERTION = z.object({
  ...credential,
  response: z.object({
    ...{ clientDataJSON: bytes, authenticatorData: bytes, signature: bytes },
    userHandle: bytes.nullish(),
  }),
});

export type Registration = z.infer<typeof REGISTRATION>;
export type Assertion = z.infer<typeof ASSERTION>;

/** What a device answered, with the challenge that it says it signed. */
export interface Answer<Of> {
  readonly answer: Of;
  readonly challenge: string;
}

/** A passkey as a device made it. */
export interface NewPasskey {
  readonly credentialId: Uint8Array<ArrayBuffer>;
  readonly publicKey: Uint8Array<ArrayBuffer>;
  readonly counter: bigint;
  readonly transports: string[];
  readonly isBackedUp: boolean;
}

/** Undefined for what is no such answer. */
export const readRegistration = (value: unknown) => read(REGISTRATION, value);
export const readAssertion = (value: unknown) => read(ASSERTION, value);

function read<Of extends Registration | Assertion>(
  schema: z.ZodType<Of>,
  value: unknown,
): Answer<Of> | undefined {
  const answer = schema.safeParse(value).data;
  if (!answer) return undefined;
  const client = clientData.safeParse(jsonOf(answer.response.clientDataJSON)).data;
  return client && { answer, challenge: client.challenge };
}

/**
 * The passkey behind an answer that was asked of a device: made on one of our pages, for our
 * domain, with the challenge, by a device that verified who holds it. Undefined for any other. What
 * kind of device it is was not asked, and is not looked at.
 */
export async function verifyRegistration(
  { answer, challenge }: Answer<Registration>,
  { rpId, origins }: WebAuthnConfig,
): Promise<NewPasskey | undefined> {
  const { verifyRegistrationResponse } = await loadWebAuthn();
  const verified = await refusedAsUndefined(() =>
    verifyRegistrationResponse({
      response: { ...answer, clientExtensionResults: {} } as WebAuthn.RegistrationResponseJSON,
      expectedChallenge: challenge,
      expectedOrigin: [...origins],
      expectedRPID: rpId,
      requireUserVerification: true,
      supportedAlgorithmIDs: ALGORITHMS,
    }),
  );
  if (!verified?.verified) return undefined;
  const { credential: made, credentialBackedUp: isBackedUp } = verified.registrationInfo;
  const told = answer.response.transports ?? [];
  return {
    credentialId: Uint8Array.from(Buffer.from(made.id, 'base64url')),
    publicKey: Uint8Array.from(made.publicKey),
    counter: BigInt(made.counter),
    transports: TRANSPORTS.filter((transport) => told.includes(transport)),
    isBackedUp,
  };
}

/**
 * The counter of the device and whether the passkey has a copy, for an answer that the passkey of
 * `publicKey` signed as above. Undefined for any other. Whether the counter went forward is for
 * whoever stores it, in one statement: two answers may come at once.
 */
export async function verifyAssertion(
  { answer, challenge }: Answer<Assertion>,
  { rpId, origins, publicKey }: WebAuthnConfig & { readonly publicKey: Uint8Array },
): Promise<{ readonly counter: bigint; readonly isBackedUp: boolean } | undefined> {
  const { verifyAuthenticationResponse } = await loadWebAuthn();
  const verified = await refusedAsUndefined(() =>
    verifyAuthenticationResponse({
      response: { ...answer, clientExtensionResults: {} } as WebAuthn.AuthenticationResponseJSON,
      expectedChallenge: challenge,
      expectedOrigin: [...origins],
      expectedRPID: rpId,
      requireUserVerification: true,
      credential: { id: answer.id, publicKey: Uint8Array.from(publicKey), counter: 0 },
    }),
  );
  if (!verified?.verified) return undefined;
  const { newCounter, credentialBackedUp: isBackedUp } = verified.authenticationInfo;
  return { counter: BigInt(newCounter), isBackedUp };
}

/** Loaded at the first passkey: most starts see none. */
export const loadWebAuthn = (): Promise<typeof WebAuthn> => import('@simplewebauthn/server');

/**
 * The library throws plain errors at whatever is wrong in an answer, which anyone may have written.
 */
async function refusedAsUndefined<T>(verify: () => Promise<T>): Promise<T | undefined> {
  try {
    return await verify();
  } catch {
    return undefined;
  }
}

function jsonOf(base64url: string): unknown {
  try {
    return JSON.parse(Buffer.from(base64url, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}
