import { timingSafeEqual } from 'node:crypto';
import type { Breakage } from './breakage.ts';
import { hashRecord, RECORD_FORM, type StoredRecord } from './canonical.ts';
import type { Keyring } from './keyring.ts';

/** One link of the chain as it is stored; times as {@link StoredRecord} has them. */
export interface Seal {
  /** From 1, without gaps. */
  readonly sequence: bigint;
  readonly recordId: string;
  readonly recordHash: Uint8Array;
  readonly form: number;
  readonly keyId: string;
  readonly sealedAt: string;
  readonly seal: Uint8Array;
}

/** A place in the chain: all that the next link needs to know of those before it. */
export type ChainPoint = Pick<Seal, 'sequence' | 'seal'>;

/** Before the first link. */
export const CHAIN_START: ChainPoint = { sequence: 0n, seal: Buffer.alloc(32) };

/** A link beside its record, if that is still there. */
export interface Link {
  readonly seal: Seal;
  readonly record: StoredRecord | undefined;
}

/** The link after `previous`, over `record`. */
export function makeSeal(
  keyring: Keyring,
  previous: ChainPoint,
  { record, sealedAt }: { readonly record: StoredRecord; readonly sealedAt: string },
): Seal {
  const draft = {
    sequence: previous.sequence + 1n,
    recordId: record.id,
    recordHash: hashRecord(record),
    form: RECORD_FORM,
    keyId: keyring.signingId,
    sealedAt,
  };
  const seal = signatureOf(keyring, previous, draft);
  if (!seal) throw new Error('The keyring does not have the key that it signs with.');
  return { ...draft, seal };
}

/** Whether `seal` was made, by who has its key, as the one that follows `previous`. */
export function follows(keyring: Keyring, previous: ChainPoint, seal: Seal): boolean {
  const { sequence } = seal;
  if (sequence !== previous.sequence + 1n) return false;
  const expected = signatureOf(keyring, previous, seal);
  return expected !== undefined && isSame(expected, seal.seal);
}

/** What is wrong with the link that stands after `previous`; undefined when nothing is. */
export function checkLink(
  keyring: Keyring,
  previous: ChainPoint,
  { seal, record }: Link,
): Breakage | undefined {
  const expected = previous.sequence + 1n;
  if (seal.sequence > expected) return 'SEAL_REMOVED';
  if (seal.sequence < expected) return 'INSERTED';
  if (seal.form !== RECORD_FORM) return 'UNKNOWN_FORM';
  const wanted = signatureOf(keyring, previous, seal);
  if (!wanted) return 'UNKNOWN_KEY';
  if (!isSame(wanted, seal.seal)) return 'RECHAINED';
  if (!record) return 'REMOVED';
  return isSame(hashRecord(record), seal.recordHash) ? undefined : 'ALTERED';
}

function signatureOf(
  keyring: Keyring,
  previous: ChainPoint,
  { sequence, recordId, recordHash, form, keyId, sealedAt }: Omit<Seal, 'seal'>,
): Buffer | undefined {
  return keyring.sign(keyId, [
    'tradegraph audit seal 1',
    toHex(previous.seal),
    String(sequence),
    String(form),
    keyId,
    sealedAt,
    recordId,
    toHex(recordHash),
  ]);
}

export const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

export function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && timingSafeEqual(one, other);
}
