import { z } from 'zod';
import { isSame, toHex, type ChainPoint } from './chain.ts';
import type { Keyring } from './keyring.ts';

/**
 * The end of the chain at one time, written down outside of the database. Whoever has the database
 * alone cannot make the chain shorter, or another one, without missing it.
 */
export interface Anchor {
  readonly sequence: bigint;
  /** Of the link of that sequence, in hexadecimal. */
  readonly seal: string;
  readonly at: string;
  /**
   * Sequence of the anchor before this one; 0 for the first of a chain, null for the first of a
   * file that was begun when the chain had links already.
   */
  readonly previous: bigint | null;
  readonly keyId: string;
  /** HMAC-SHA256 over all of the above, in hexadecimal. */
  readonly mac: string;
}

const SEQUENCE = z
  .string()
  .regex(/^\d{1,19}$/)
  .transform(BigInt);
const HEX_OF_32_BYTES = z.string().regex(/^[0-9a-f]{64}$/);
const ANCHOR = z.strictObject({
  sequence: SEQUENCE,
  seal: HEX_OF_32_BYTES,
  at: z.string(),
  previous: SEQUENCE.nullable(),
  keyId: z.string(),
  mac: HEX_OF_32_BYTES,
});

export function makeAnchor(
  keyring: Keyring,
  { sequence, seal }: ChainPoint,
  { at, previous }: { readonly at: Date; readonly previous: bigint | null },
): Anchor {
  const keyId = keyring.signingId;
  const draft = { sequence, seal: toHex(seal), at: at.toISOString(), previous, keyId };
  const mac = macOf(keyring, draft);
  if (!mac) throw new Error('The keyring does not have the key that it signs with.');
  return { ...draft, mac: toHex(mac) };
}

/** Whether who has one of our keys wrote it. */
export function isGenuine(keyring: Keyring, anchor: Anchor): boolean {
  const mac = macOf(keyring, anchor);
  return mac !== undefined && isSame(mac, Buffer.from(anchor.mac, 'hex'));
}

/** As a line of the file, without its end. */
export function encodeAnchor({ sequence, previous, ...rest }: Anchor): string {
  return JSON.stringify({
    sequence: String(sequence),
    previous: previous === null ? null : String(previous),
    ...rest,
  });
}

/** Undefined for a line that is no anchor, such as one that a crash cut short. */
export function decodeAnchor(line: string): Anchor | undefined {
  try {
    return ANCHOR.parse(JSON.parse(line));
  } catch {
    return undefined;
  }
}

function macOf(
  keyring: Keyring,
  { sequence, seal, at, previous, keyId }: Omit<Anchor, 'mac'>,
): Buffer | undefined {
  const before = previous === null ? 'none' : String(previous);
  return keyring.sign(keyId, [
    'tradegraph audit anchor 1',
    String(sequence),
    seal,
    at,
    before,
    keyId,
  ]);
}
