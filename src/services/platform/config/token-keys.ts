import { createPrivateKey } from 'node:crypto';
import { z } from 'zod';
import { MAKE_SECRET } from './variable-kinds.ts';

/** A key of access tokens. Each is bound to one algorithm, so that none passes for another's. */
export interface TokenKey {
  /** The `kid` of the tokens that it signs. */
  readonly id: string;
  readonly algorithm: 'HS256' | 'EdDSA';
  /** HS256: the secret itself. EdDSA: an Ed25519 private key in PKCS #8 (DER). */
  readonly secret: Buffer;
}

const SECRET_MIN_BYTES = 32;
/** The id of the key that JWT_SECRET gives. */
const ID_OF_SECRET = 'main';
const KEY = /^(?<id>[\w.-]{1,32}):(?:(?<algorithm>ed25519):)?(?<secret>[\w+/-]{1,1000}={0,2})$/;

/** The key of a secret that is given as text, of whatever form. */
export function keyOfSecret(secret: string): TokenKey {
  return { id: ID_OF_SECRET, algorithm: 'HS256', secret: Buffer.from(secret) };
}

/**
 * Keys with commas between them, the one that signs first: `id:secret` with a secret of 32 bytes or more
 * in base64 (HS256), or `id:ed25519:key` with a private key in PKCS #8, in base64 (EdDSA). No id twice.
 */
export function tokenKeyList() {
  const fix =
    'must list keys as id:secret or id:ed25519:key, with commas between them, in base64, the secrets ' +
    `of ${String(SECRET_MIN_BYTES)} bytes or more, each id once and none "${ID_OF_SECRET}". ${MAKE_SECRET}`;
  return z
    .string()
    .transform((list) => list.split(',').map((entry) => parseKey(entry.trim())))
    .refine(
      (keys) => keys.every(isGood) && new Set(keys.map(({ id }) => id)).size === keys.length,
      fix,
    );
}

function parseKey(entry: string): TokenKey {
  const { id = '', algorithm, secret = '' } = KEY.exec(entry)?.groups ?? {};
  return {
    id,
    algorithm: algorithm === undefined ? 'HS256' : 'EdDSA',
    secret: Buffer.from(secret, 'base64'),
  };
}

function isGood({ id, algorithm, secret }: TokenKey): boolean {
  if (id === ID_OF_SECRET) return false;
  return algorithm === 'HS256' ? secret.length >= SECRET_MIN_BYTES : isEd25519(secret);
}

function isEd25519(key: Buffer): boolean {
  try {
    const { asymmetricKeyType } = createPrivateKey({ key, format: 'der', type: 'pkcs8' });
    return asymmetricKeyType === 'ed25519';
  } catch {
    return false;
  }
}
