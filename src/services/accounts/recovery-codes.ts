import { createHash } from 'node:crypto';
import type { RandomBytes } from './refresh-token.ts';

const RECOVERY_CODES = 10;
/** 80 bits each: nobody guesses one, not even from its hash, so that the hash may be a fast one. */
const CODE_BYTES = 10;
const CODE_CHARACTERS = 16;
const GROUP = /.{4}(?=.)/g;
/** Crockford's base32: no letter that looks like a digit, and no U, which makes words. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const CODE = /^[0-9a-hjkmnp-tv-z]{16}$/;
const BITS = 5;

/** Ten codes, such as `k3vx-08mq-…`, each good for one use. */
export function newRecoveryCodes(randomBytes: RandomBytes): string[] {
  return Array.from({ length: RECOVERY_CODES }, () => {
    const bytes = Buffer.from(randomBytes(CODE_BYTES));
    return textOf(BigInt(`0x${bytes.toString('hex')}`)).replaceAll(GROUP, '$&-');
  });
}

/**
 * The hash of a code, as it is stored, however it was typed: in any case, with or without hyphens,
 * with O for 0 and I or L for 1. Undefined for what is no such code.
 */
export function hashRecoveryCode(typed: string): Buffer<ArrayBuffer> | undefined {
  const code = typed
    .toLowerCase()
    .replaceAll(/[\s-]/g, '')
    .replaceAll('o', '0')
    .replaceAll(/[il]/g, '1');
  return CODE.test(code) ? createHash('sha256').update(code).digest() : undefined;
}

function textOf(number: bigint): string {
  const base = BigInt(ALPHABET.length);
  const digits = Array.from({ length: CODE_CHARACTERS }, (_, at) => {
    const shift = BigInt(BITS * (CODE_CHARACTERS - 1 - at));
    return ALPHABET[Number((number >> shift) % base)];
  });
  return digits.join('');
}
