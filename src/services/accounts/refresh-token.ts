import { createCipheriv, createDecipheriv, createHash, hkdfSync } from 'node:crypto';

const TOKEN_BYTES = 32;
/** So that people, and programs that look for secrets in public places, see what it is. */
const PREFIX = 'tg_refresh_';
const CIPHER = 'aes-256-gcm';
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

export type RandomBytes = (size: number) => Uint8Array;

/** 256 random bits that open nothing but their session, until they are used. */
export function newRefreshToken(randomBytes: RandomBytes): string {
  return PREFIX + Buffer.from(randomBytes(TOKEN_BYTES)).toString('base64url');
}

/**
 * What is stored of a token. It is as random as a key, so that a plain hash does not give it away.
 */
export function hashRefreshToken(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

/**
 * The token that follows another, sealed so that nobody opens it but who has that other one: the
 * database holds the hash of it alone.
 */
export function sealNext(token: string, next: string, randomBytes: RandomBytes): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, keyOf(token), nonce);
  const sealed = Buffer.concat([cipher.update(next, 'utf8'), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]);
}

/** The token that {@link sealNext} sealed. Throws for anything else, and with any other token. */
export function openNext(token: string, sealed: Uint8Array): string {
  const nonce = sealed.subarray(0, NONCE_BYTES);
  const tag = sealed.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES);
  const decipher = createDecipheriv(CIPHER, keyOf(token), nonce, { authTagLength: TAG_BYTES });
  decipher.setAuthTag(tag);
  const text = decipher.update(sealed.subarray(NONCE_BYTES + TAG_BYTES));
  return Buffer.concat([text, decipher.final()]).toString('utf8');
}

/**
 * HKDF (RFC 5869): another value than the stored hash, which would open it to whoever reads the
 * table.
 */
function keyOf(token: string): Buffer {
  return Buffer.from(hkdfSync('sha256', token, '', 'next refresh token', KEY_BYTES));
}
