import { createHash } from 'node:crypto';
import type { Tx } from '../platform/database.ts';
import type { PasskeyChallengePurpose } from '../platform/prisma/enums.ts';
import type { RandomBytes } from './refresh-token.ts';

/** Twice what the standard asks for (Web Authentication, 13.4.3). */
const CHALLENGE_BYTES = 32;
/** Time to look for a device, and to be asked for a finger. */
export const CHALLENGE_LIFETIME_MS = 5 * 60 * 1_000;

interface ChallengePorts {
  readonly clock: { now(): Date };
  readonly randomBytes: RandomBytes;
}

/**
 * Makes what a passkey has to sign, and keeps its hash: for the viewer of `tx`, or for whoever logs
 * in. It is good once, for five minutes and for this purpose alone.
 */
export async function keepChallenge(
  { clock, randomBytes }: ChallengePorts,
  tx: Tx,
  purpose: PasskeyChallengePurpose,
): Promise<Uint8Array<ArrayBuffer>> {
  const challenge = Uint8Array.from(randomBytes(CHALLENGE_BYTES));
  const now = clock.now();
  const expiresAt = new Date(now.getTime() + CHALLENGE_LIFETIME_MS);
  await tx.$queryRaw`SELECT keep_passkey_challenge(${hashOf(challenge)},
    ${purpose}::passkey_challenge_purpose, ${now}, ${expiresAt})::text`;
  return challenge;
}

/**
 * Uses up a challenge (in base64url, as it comes back) of the viewer of `tx`, or of a log-in.
 * Whether there was one for this purpose.
 */
export async function takeChallenge(
  { clock }: Pick<ChallengePorts, 'clock'>,
  tx: Tx,
  { challenge, purpose }: { readonly challenge: string; readonly purpose: PasskeyChallengePurpose },
): Promise<boolean> {
  const [taken] = await tx.$queryRaw<{ isTaken: boolean }[]>`
    SELECT take_passkey_challenge(${hashOf(Buffer.from(challenge, 'base64url'))},
      ${purpose}::passkey_challenge_purpose, ${clock.now()}) AS "isTaken"`;
  return taken?.isTaken ?? false;
}

const hashOf = (challenge: Uint8Array): Buffer<ArrayBuffer> =>
  createHash('sha256').update(challenge).digest();
